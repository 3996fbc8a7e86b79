import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readFixtures } from '../../src/fixture-files/read.js'
import { readValue } from '../../src/lib/files.js'
import { readProgram } from '../../src/scenarios/read.js'
import { VENDORS } from '../../src/vendors/index.js'
import { control, sandboxFor } from '../control/helpers.js'
import { every } from '../every.js'

const folder = mkdtempSync(join(tmpdir(), 'yaml-'))
afterAll(() => rmSync(folder, { recursive: true }))

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

const faultOf = (work: Promise<unknown>) =>
  work.then(
    () => 'none',
    (error: Error) => error.message.replaceAll(`${folder}/`, ''),
  )

test('a document is read with comments, anchors and the core schema', async () => {
  const file = write(
    'right.yaml',
    `# yaml-language-server: $schema=./scenario.schema.json
text: &name third # a comment
same: *name
day: 2023-09-11
time: 12:30
yes: yes
truth: true
number: 0x1f
none: ~
{ 50: 12, "99": 34 }: 1
`.replace(/\{.*\n/, 'table: { 50: 12, "99": 34 }\n'),
  )
  expect(await readValue(file)).toEqual({
    text: 'third',
    same: 'third',
    day: '2023-09-11',
    time: '12:30',
    yes: 'yes',
    truth: true,
    number: 31,
    none: null,
    table: { '50': 12, '99': 34 },
  })
})

test('what is not one plain document is one sentence with its place', async () => {
  const bomb = [
    'a: &a [x, x, x, x, x, x, x, x, x]',
    ...[...'bcdefgh'].map((name, i) => {
      const before = 'abcdefg'[i]
      return `${name}: &${name} [${Array.from({ length: 9 }, () => `*${before}`).join(', ')}]`
    }),
  ].join('\n')
  const CASES: readonly (readonly [text: string, fault: string])[] = [
    ['a: 1\na: 2', ':2:1: repeats a key; allowed: each key once'],
    ['a: 1\n---\nb: 2', ':2:1: begins a second document; allowed: one YAML document'],
    ['a: !!binary aGk=', ':1:4: is not YAML: Unresolved tag'],
    ['a:\n\t b: 1', ':2:1: is not YAML: Tabs are not allowed'],
    ['? [a]\n: 1', ':1:3: is not YAML'],
    ['a: [1, 2', ':1:9: is not YAML'],
    ['a: *nothing', ': has an unknown alias "nothing"'],
    [bomb, ': has too many aliases; allowed: at most 100'],
    ['['.repeat(5000), ': is nested more than 64 levels deep'],
    [`a: ${'['.repeat(70)}1${']'.repeat(70)}`, ': is nested more than 64 levels deep'],
  ]
  await every(CASES, async ([text, fault]) =>
    expect(await faultOf(readValue(write('wrong.yml', text)))).toMatch(
      new RegExp(`^wrong\\.yml(:1:\\d+)?${fault.replaceAll(/[[\]?.*]/g, '\\$&')}`),
    ),
  )
})

test('a scenario in YAML is one in JSON, over the control API too', async () => {
  const text = 'extends: flaky\nrules:\n  - name: third\n    when: { nth: 3 }\n    effect: { error: server_error }\n'
  const { program } = await readProgram(write('scenario.yaml', text), VENDORS)
  expect(program.scenario.rules![0]).toEqual({ name: 'third', when: { nth: 3 }, effect: { error: 'server_error' } })
  const sandbox = await sandboxFor()
  const put = async (body: string) => {
    const init = { method: 'PUT', headers: { 'content-type': 'application/yaml' }, body }
    return (await sandbox.fetch('http://sandbox/_sandbox/scenario', init)).json()
  }
  expect(await put(text)).toMatchObject({ name: 'flaky', rules: [{ name: 'third' }, {}, {}] })
  expect(await put('name: a\nname: b')).toMatchObject({
    error: { message: expect.stringContaining('body:2:1: repeats a key; allowed: each key once') },
  })
  expect((await control(sandbox, 'GET', '/scenario')).body.name).toBe('flaky')
})

test('a folder has JSON and YAML files, and one that is neither fixture nor scenario is named', async () => {
  const place = join(folder, 'parts')
  mkdirSync(place)
  const part = (id: string) => ({ merchants: [{ id: 'shop', customers: [{ id }] }] })
  writeFileSync(join(place, 'a.json'), JSON.stringify(part('cst_json')))
  writeFileSync(join(place, 'a.yaml'), 'merchants: [{ id: shop, customers: [{ id: cst_yaml }] }]')
  const { merchants } = await readFixtures(place)
  expect(merchants.map(({ customers = [] }) => customers.map(({ id }) => id))).toEqual([['cst_json', 'cst_yaml']])
  writeFileSync(join(place, 'b.yml'), 'merchants: [{ id: shop, customers: [{ id: c, mobileNumber: 9999999999 }] }]')
  expect(await faultOf(readFixtures(place))).toMatch(
    /^parts\/b\.yml:merchants\[0\]\.customers\[0\]\.mobileNumber: is 9999999999; .*; quote it: "9999999999"$/,
  )
  rmSync(join(place, 'b.yml'))
  writeFileSync(join(place, 'compose.yaml'), 'services: { sandbox: {} }')
  expect(await faultOf(readFixtures(place))).toContain('parts/compose.yaml:(top): has an unknown field "services"')
})

test('a comment and a last comma in JSON are named as such', async () => {
  await every(
    [
      ['{ // why\n}', ':1:3: has a comment; allowed: JSON without comments, or a .yaml file with them'],
      ['# why\n{}', ':1:1: has a comment'],
      ['{ "a": [1, 2,] }', ':1:14: has a comma behind the last value; allowed: commas between values, or a .yaml file'],
      ['{ "a": 1,\n}', ':2:1: has a comma behind the last value'],
    ] as const,
    async ([text, fault]) =>
      expect(await faultOf(readValue(write('wrong.json', text)))).toContain(`wrong.json${fault}`),
  )
})
