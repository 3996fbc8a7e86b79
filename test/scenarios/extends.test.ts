import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { createSandbox, type Scenario } from '../../src/index.js'
import { readProgram } from '../../src/scenarios/read.js'
import { VENDORS } from '../../src/vendors/index.js'
import { every } from '../every.js'
import { ask, CUSTOMER, REFRESH, sandboxWith, WALLET } from './support.js'

const folder = mkdtempSync(join(tmpdir(), 'extends-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Writes scenarios, and gives the path of the first. */
function files(name: string, contents: Readonly<Record<string, Scenario>>): string {
  const place = join(folder, name)
  mkdirSync(place)
  for (const [file, scenario] of Object.entries(contents)) writeFileSync(join(place, file), JSON.stringify(scenario))
  return join(place, Object.keys(contents)[0]!)
}

const rule = (name: string, more: object = {}) => ({ name, effect: { error: 'server_error' as const }, ...more })
const third = { when: { nth: 3 } }

const read = async (source: string | Scenario) => (await readProgram(source, VENDORS)).program

const faultsOf = (source: string | Scenario): Promise<string> =>
  readProgram(source, VENDORS).then(
    () => 'none',
    (error: Error) => error.message.replaceAll(folder, ''),
  )

test('a child has its own name, models and rules before those of its parents', async () => {
  const file = files('family', {
    'child.json': {
      extends: './parent.json',
      name: 'child',
      latency: { 'juspay.refresh*': { fixed: 7 } },
      rules: [rule('a', third)],
    },
    'parent.json': {
      extends: 'slow-provider',
      description: 'of the parent',
      sampling: 'independent',
      latency: { 'juspay.getWallet': { fixed: 5 }, 'juspay.refreshWallet': { fixed: 6 } },
      rules: [rule('b', { when: { nth: 4 } })],
    },
  })
  const { name, scenario } = await read(file)
  expect(name).toBe('child')
  expect(scenario).toMatchObject({ name: 'child', description: 'of the parent', sampling: 'independent' })
  expect(scenario).not.toHaveProperty('extends')
  expect(scenario.rules!.map((one) => one.name).slice(0, 2)).toEqual(['a', 'b'])
  // The child's pattern wins over the id of its parent, and over the same pattern of the shipped one.
  expect(scenario.latency).toEqual({
    'juspay.refresh*': { fixed: 7 },
    'juspay.getWallet': { fixed: 5 },
    '*': 'published',
  })
  await using sandbox = await sandboxWith(file)
  const drawn = async (path: string) => (await ask(sandbox, path)).headers.get('x-sandbox-latency-ms')
  expect([await drawn(WALLET), await drawn(REFRESH)]).toEqual(['5', '7'])
  expect(Number(await drawn(CUSTOMER))).toBeGreaterThan(5)
})

test('latency is the parent’s unless the child has some, and none where it is empty', async () => {
  const models = async (child: Scenario) => [...(await read(child)).latency.keys()]
  const published = await models({ name: 'rules alone' })
  expect(published).toContain('juspay.getWallet')
  expect(await models({ extends: 'published-latency' })).toEqual(published)
  expect(await models({ extends: 'flaky' })).toEqual([])
  expect(await models({ extends: 'published-latency', latency: {} })).toEqual([])
  const file = files('silent', {
    'a.json': { extends: './b.json', latency: { 'juspay.debitWallet': { fixed: 9 } } },
    'b.json': { name: 'b' },
  })
  expect((await models(await read(file).then(({ scenario }) => scenario))).sort()).toEqual(
    ['juspay.debitWallet', ...published].sort(),
  )
})

test('a wrong chain is one sentence, and a fault is named in the file that has it', async () => {
  const long = Object.fromEntries(
    Array.from({ length: 6 }, (_, n) => [`${n}.json`, n === 5 ? { name: 'last' } : { extends: `./${n + 1}.json` }]),
  )
  const most = Array.from({ length: 6000 }, (_, n) => rule(`${n}`, { match: { customer: `c${n}` } }))
  const CASES: readonly (readonly [string | Scenario, string])[] = [
    [
      files('circle', { 'a.json': { extends: './b.json' }, 'b.json': { extends: '../circle/a.json' } }),
      '/circle/b.json:extends: is "../circle/a.json", which leads back to where it is read from; allowed: a scenario that does not extend this one',
    ],
    [files('itself', { 'a.json': { extends: './a.json' } }), '/itself/a.json:extends: is "./a.json", which leads back'],
    [files('long', long), '/long/4.json:extends: is "./5.json", one too many in a row; allowed: at most 4 scenarios'],
    [
      files('circle-below', {
        'a.json': { extends: './b.json' },
        'b.json': { extends: './c.json' },
        'c.json': { extends: './b.json' },
      }),
      '/circle-below/c.json:extends: is "./b.json", which leads back',
    ],
    [{ extends: '' }, 'scenario:extends: is ""; allowed: the name of a shipped scenario, or a file'],
    [
      files('empty', { 'a.json': { extends: '' } }),
      '/empty/a.json:extends: is ""; allowed: the name of a shipped scenario, or a file',
    ],
    [{ extends: 'flakey' }, 'scenario:extends: is "flakey", which is none of the shipped ones. Did you mean "flaky"?'],
    [files('unknown', { 'a.json': { extends: 'flakey' } }), '/unknown/a.json:extends: is "flakey", which is none of'],
    [
      files('unknown-below', { 'a.json': { extends: './b.json' }, 'b.json': { extends: 'flakey' } }),
      '/unknown-below/b.json:extends: is "flakey", which is none of the shipped ones. Did you mean "flaky"?',
    ],
    [
      files('missing', { 'a.json': { extends: './b.json' } }),
      '/missing/a.json:extends: is "./b.json", and there is no file /missing/b.json; allowed: a path from the folder of',
    ],
    [
      files('missing-below', { 'a.json': { extends: './b.json' }, 'b.json': { extends: '../missing/b.json' } }),
      '/missing-below/b.json:extends: is "../missing/b.json", and there is no file /missing/b.json',
    ],
    [
      files('broken-below', { 'a.json': { extends: './b.json' }, 'b.json': { extends: './c.json' }, 'c.json': {} }),
      '/broken-below/c.json:name: is missing',
    ],
    [{ rules: [] }, 'scenario:name: is missing; required: a name of 1 to 256 characters'],
    [
      files('parent', {
        'a.json': { extends: './b.json', rules: [rule('a')] },
        'b.json': {
          name: 'b',
          latency: { 'juspay.nothing': { fixed: 1 } },
          rules: [rule('b', { when: { nth: 1, after: 1 } })],
        },
      }),
      '/parent/b.json:latency.juspay.nothing: is "juspay.nothing", which names no operation',
    ],
    [
      files('parent-rule', {
        'a.json': { extends: './b.json', rules: [rule('a', third)] },
        'b.json': { name: 'b', rules: [rule('b', { match: { operation: 'juspay.nothing' } })] },
      }),
      '/parent-rule/b.json:rules[0].match.operation: is "juspay.nothing"',
    ],
    [
      files('bounds', { 'a.json': { extends: './b.json', rules: most }, 'b.json': { name: 'b', rules: most } }),
      '/bounds/a.json:rules: are 12,000; allowed: at most 10,000 rules',
    ],
  ]
  await every(CASES, async ([source, sentence]) => expect(await faultsOf(source)).toContain(sentence))
})

test('a child may have a model for every operation that its parent serves as published', async () => {
  const { scenario } = await read({ extends: 'published-latency', latency: { 'juspay.*': { fixed: 5 } } })
  expect(scenario.latency).toEqual({ 'juspay.*': { fixed: 5 }, '*': 'published' })
})

test('faults of form and of meaning are found in one pass', async () => {
  const scenario = {
    name: 'both',
    latency: { 'juspay.getWallet': { fixd: 5 }, 'juspay.getWalet': { fixed: 5 } },
    rules: [
      { name: 'a', effect: {} },
      rule('b', { match: { event: 'ORDER_SUCCEDED' } }),
      rule('c', { phase: 'later', match: { operation: 'getWallet' } }),
      { name: 'd', match: { operation: 'linkWallet' }, when: { first: 'x' }, effect: { error: '404' } },
      { name: 'e', match: { operation: 'listWallets' }, effect: { error: 404 } },
      null,
    ],
  }
  expect((await faultsOf(scenario as unknown as Scenario)).split('\n')).toEqual([
    expect.stringContaining('scenario:latency.juspay.getWallet: has an unknown field "fixd"'),
    expect.stringContaining('scenario:rules[0].effect: is empty'),
    expect.stringContaining('scenario:rules[2].phase: is "later"'),
    expect.stringContaining('scenario:rules[3].when.first: is "x"'),
    expect.stringContaining('scenario:rules[4].effect.error: is 404'),
    expect.stringContaining('scenario:rules[5]: is null'),
    expect.stringContaining('scenario:latency.juspay.getWalet: is "juspay.getWalet", which names no operation'),
    expect.stringContaining('scenario:rules[1].match.event: is given, but the effect is on the request'),
    expect.stringContaining(
      'scenario:rules[1].match.event: is "ORDER_SUCCEDED", which names no event. Did you mean "ORDER_SUCCEEDED"?',
    ),
    expect.stringContaining('scenario:rules[2].match.operation: is "getWallet", which names no operation'),
    expect.stringContaining('scenario:rules[3].match.operation: is "linkWallet", which names no operation'),
    expect.stringContaining('scenario:rules[3].effect.error: is "404", which is not an error'),
    expect.stringContaining('scenario:rules[4].match.operation: is "listWallets", which names no operation'),
  ])
})

test('over the control API only shipped scenarios are extended, and the merged one is shown', async () => {
  await using sandbox = await sandboxWith('instant')
  const { scenario, capsule } = sandbox.control.merchant('acme')
  await expect(scenario.put({ extends: './flaky.json' })).rejects.toThrow(
    'scenario:extends: is "./flaky.json"; allowed: the name of a shipped scenario',
  )
  const set = await scenario.put({ extends: 'flaky', rules: [rule('mine', third)] })
  expect([set.name, set.rules[0]!.name, set.rules.length > 1]).toEqual(['flaky', 'mine', true])
  expect(await scenario.put((await scenario.get()) as never)).toEqual(set)
  expect(JSON.stringify(await capsule())).not.toContain('extends')
})

test('--watch follows every file that is read, also one that an edit adds', async () => {
  const file = files('watched', {
    'a.json': { extends: './b.json' },
    'b.json': { name: 'first' },
    'c.json': { name: 'third' },
  })
  const errors = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  await using sandbox = await createSandbox({ scenario: file, watch: true })
  const named = (name: string) =>
    vi.waitFor(async () => expect((await sandbox.control.scenario.get()).name).toBe(name), {
      timeout: 10_000,
      interval: 50,
    })
  const edit = (name: string, scenario: Scenario) =>
    writeFileSync(join(folder, 'watched', name), JSON.stringify(scenario))
  edit('b.json', { name: 'second' })
  await named('second')
  edit('a.json', { extends: './c.json' })
  await named('third')
  edit('c.json', { name: 'fourth' })
  await named('fourth')
  errors.mockRestore()
})
