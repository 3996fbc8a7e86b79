import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import { createSandbox, type Fixtures, type Sandbox } from '../../src/index.js'
import { AUTHORISED, fixturesOf, walletId } from '../store/customers.js'

const place = mkdtempSync(join(tmpdir(), 'watch-'))
afterAll(() => rmSync(place, { recursive: true, force: true }))
afterEach(() => vi.restoreAllMocks())

const json = (value: unknown) => JSON.stringify(value)
const failing = { name: 'failing', rules: [{ name: 'always', effect: { error: 'maintenance' } }] }
const calm = { name: 'calm' }

/** Writes as an editor does that keeps the old file until the new one is whole. */
function replace(file: string, content: string): void {
  writeFileSync(`${file}~`, content)
  renameSync(`${file}~`, file)
}

async function wallet(sandbox: Sandbox, n = 0): Promise<{ status: number; balance: number }> {
  const response = await sandbox.fetch(`http://x/wallets/${walletId(n)}`, { headers: AUTHORISED })
  return { status: response.status, balance: ((await response.json()) as { current_balance: number }).current_balance }
}

/** How long a change took to be seen, in ms. */
async function seen(holds: () => Promise<boolean>): Promise<number> {
  const start = performance.now()
  while (!(await holds())) {
    if (performance.now() - start > 60_000) throw new Error('not seen in a minute')
    await sleep(10)
  }
  return performance.now() - start
}

async function watching(files: { fixtures?: Fixtures; scenario?: unknown; folder?: boolean; log?: 'json' }) {
  const folder = mkdtempSync(join(place, 'w-'))
  const fixtures = join(folder, 'fixtures', 'all.json')
  const scenario = join(folder, 'scenario.json')
  mkdirSync(join(folder, 'fixtures'))
  writeFileSync(fixtures, json(files.fixtures ?? fixturesOf(2)))
  writeFileSync(scenario, json(files.scenario ?? calm))
  const errors: string[] = []
  vi.spyOn(process.stderr, 'write').mockImplementation((line) => {
    errors.push(String(line))
    return true
  })
  const source = files.folder ? join(folder, 'fixtures') : fixtures
  const sandbox = await createSandbox({
    fixtures: source,
    scenario,
    watch: true,
    latency: 'off',
    log: files.log ?? 'silent',
  })
  return { fixtures, scenario, errors, sandbox }
}

describe('an edit is live within a second', () => {
  test.each([
    ['written in place', writeFileSync],
    ['replaced', replace],
  ])('file %s', async (_, save) => {
    const { fixtures, scenario, sandbox } = await watching({})
    // Of several, the quickest: a busy machine may hold up any one of them.
    const times: number[] = []
    for (const balance of [11, 12, 13]) {
      save(fixtures, json(fixturesOf(2, balance)))
      times.push(await seen(async () => (await wallet(sandbox)).balance === balance))
    }
    save(scenario, json(failing))
    times.push(await seen(async () => (await wallet(sandbox)).status === 503))
    save(scenario, json(calm))
    times.push(await seen(async () => (await wallet(sandbox)).status === 200))
    expect(Math.min(...times)).toBeLessThan(1_000)
    await sandbox.close()
  })

  test('a file that comes into a folder', async () => {
    const { fixtures, sandbox } = await watching({ folder: true })
    const globex = { merchants: [{ id: 'globex', juspayApiKeys: [{ key: 'globex_key' }] }] }
    writeFileSync(join(fixtures, '..', 'more.json'), json(globex))
    const headers = { authorization: `Basic ${btoa('globex_key:')}` }
    await seen(async () => (await sandbox.fetch('http://x/wallets/wlt_1', { headers })).status === 400)
    await sandbox.close()
  })

  test('a merchant that was dropped stays away', async () => {
    const [first] = fixturesOf(2).merchants
    const both = (balance: number) => ({
      merchants: [...fixturesOf(2, balance).merchants, { ...first!, id: 'gone', juspayApiKeys: [] }],
    })
    const { fixtures, sandbox } = await watching({ fixtures: both(11) })
    await sandbox.control.merchants.drop('gone')
    replace(fixtures, json(both(12)))
    await seen(async () => (await wallet(sandbox)).balance === 12)
    expect(sandbox.control.health().merchants).toBe(1)
    await sandbox.close()
  })

  test('a merchant of the fixtures whose id is a key that makes merchants', async () => {
    const named = (balance: number): Fixtures => {
      const [merchant] = fixturesOf(2, balance).merchants
      return { merchants: [{ id: 'first' }, { ...merchant!, id: 'sandbox_own' }] }
    }
    const { fixtures, sandbox } = await watching({ fixtures: named(11) })
    const merchant = () => sandbox.control.merchant('sandbox_own')
    await wallet(sandbox)
    replace(fixtures, json(named(12)))
    await seen(async () => (await wallet(sandbox)).balance === 12)
    expect((await merchant().requests.get()).total).toBeGreaterThan(1)
    await sandbox.control.reset({ only: ['state'] })
    expect((await merchant().requests.get()).total).toBeGreaterThan(1)
    await sandbox.close()
  })

  test('a merchant that its key made goes on, though the fixtures have one of its id now', async () => {
    const own = { id: 'sandbox_own', juspayApiKeys: [{ key: 'own_key' }], customers: [{ id: 'mine' }] }
    const { fixtures, sandbox } = await watching({ fixtures: fixturesOf(2, 11) })
    const customers = async () =>
      (await sandbox.control.merchant('sandbox_own').state.get()).merchants[0]!.customers!.map(({ id }) => id)
    const made = await customers()
    const { merchants } = fixturesOf(2, 12)
    replace(fixtures, json({ merchants: [...merchants, own] }))
    await seen(async () => (await wallet(sandbox)).balance === 12)
    expect(await customers()).toEqual(made)
    replace(fixtures, json(fixturesOf(2, 13)))
    await seen(async () => (await wallet(sandbox)).balance === 13)
    expect(await customers()).toEqual(made)
    await sandbox.close()
  })

  test('of several quick edits the last', async () => {
    const { fixtures, errors, sandbox } = await watching({})
    for (let balance = 20; balance <= 40; balance++) {
      replace(fixtures, json(fixturesOf(2, balance)))
      await sleep(10)
    }
    await seen(async () => (await wallet(sandbox)).balance === 40)
    expect(errors).toEqual([])
    await sandbox.close()
  })

  test('what was changed of customers that were not edited stays', async () => {
    const { fixtures, sandbox } = await watching({})
    const token = async () =>
      (
        (await (await sandbox.fetch(`http://x/wallets/${walletId(1)}`, { headers: AUTHORISED })).json()) as {
          token: string
        }
      ).token
    const before = await token()
    const edited = fixturesOf(2)
    edited.merchants[0]!.customers![0]!.wallets![0]!.balance = 99
    replace(fixtures, json(edited))
    await seen(async () => (await wallet(sandbox)).balance === 99)
    expect(await token()).toBe(before)
    await sandbox.close()
  })
})

describe('what a test has set for its own merchant', () => {
  const second = {
    name: 'second',
    rules: [{ name: 'second', when: { nth: 2 }, effect: { error: 'maintenance' as const } }],
  }
  const touch = (file: string) => utimesSync(file, new Date(), new Date())
  const call = async (sandbox: Sandbox, key: string) =>
    (await sandbox.fetch(`http://x/wallets/${walletId(0)}`, { headers: { authorization: `Basic ${btoa(`${key}:`)}` } }))
      .status
  /** Edits the fixtures until that is seen, and with it all that was done to files before. */
  const settle = async ({ fixtures, sandbox }: Awaited<ReturnType<typeof watching>>) => {
    for (const balance of [51, 52]) {
      replace(fixtures, json(fixturesOf(2, balance)))
      await seen(async () => (await wallet(sandbox)).balance === balance)
    }
  }

  test('and its counters stay when a file is touched', async () => {
    const watched = await watching({ scenario: second })
    const { fixtures, scenario, errors, sandbox } = watched
    await sandbox.control.merchant('sandbox_own').scenario.put({ ...second, name: 'own' })
    expect([await call(sandbox, 'sandbox_own'), await call(sandbox, 'sandbox_follower')]).toEqual([200, 200])
    touch(scenario)
    touch(fixtures)
    await settle(watched)
    expect([await call(sandbox, 'sandbox_own'), await call(sandbox, 'sandbox_follower')]).toEqual([503, 503])
    expect(errors).toEqual([])
    await sandbox.close()
  })

  test('stays when a file is edited, which is for those that follow the server', async () => {
    const watched = await watching({ scenario: calm })
    const { scenario, sandbox } = watched
    const nameOf = async (id: string) => (await sandbox.control.merchant(id).scenario.get()).name
    const OWN = ['sandbox_own', 'made']
    const FOLLOWERS = ['sandbox_follower', 'sandbox_reset', 'sandbox_later']
    await sandbox.control.merchants.create({ id: 'made', scenario: 'flaky' })
    await call(sandbox, 'sandbox_follower')
    await sandbox.control.scenario.put({ name: 'of-all', rules: [] })
    await sandbox.control.merchant('made').reset({ only: ['scenario'] })
    await sandbox.control.merchant('sandbox_own').scenario.put({ ...second, name: 'flaky' })
    await sandbox.control.merchant('sandbox_reset').reset()
    expect(await call(sandbox, 'sandbox_own')).toBe(200)
    replace(scenario, json(failing))
    await seen(async () => (await nameOf('sandbox_follower')) === 'failing')
    expect(await Promise.all(FOLLOWERS.map(nameOf))).toEqual(['failing', 'failing', 'failing'])
    expect(await Promise.all(OWN.map(nameOf))).toEqual(['flaky', 'flaky'])
    expect(await call(sandbox, 'sandbox_own')).toBe(503)
    expect((await sandbox.control.scenario.get()).name).toBe('failing')
    await sandbox.control.merchant('sandbox_own').reset({ only: ['scenario'] })
    expect(await nameOf('sandbox_own')).toBe('failing')
    await sandbox.close()
  })

  test('stays in a merchant of the fixtures, keys and all', async () => {
    const watched = await watching({})
    const { fixtures, sandbox } = watched
    const [first] = fixturesOf(2, 77).merchants
    await sandbox.control
      .merchant(first!.id)
      .state.put({ merchants: [{ ...first!, juspayApiKeys: [{ key: 'put_key' }] }] })
    const more = { id: 'more', juspayApiKeys: [{ key: 'more_key' }], customers: [] }
    replace(fixtures, json({ merchants: [...fixturesOf(2, 5).merchants, more] }))
    await seen(async () => (await call(sandbox, 'more_key')) !== 401)
    expect(await call(sandbox, 'put_key')).toBe(200)
    await sandbox.close()
  })
})

test('a broken edit is reported, one sentence per fault, and the last good ones stay until it is mended', async () => {
  const { fixtures, scenario, errors, sandbox } = await watching({})
  replace(fixtures, '{"merchants": [')
  await seen(async () => errors.length === 1)
  replace(scenario, json({ ...calm, rules: [{ name: 'a', effect: { error: 'no_such' } }] }))
  await seen(async () => errors.length === 2)
  expect(errors[0]).toMatch(
    new RegExp(`^wallet-sandbox: ${fixtures}.*: is not JSON: .*\\(the last good ones stay in use\\)\n$`),
  )
  expect(errors[1]).toMatch(new RegExp(`^wallet-sandbox: ${scenario}.*no_such`))
  rmSync(fixtures)
  await seen(async () => errors.length === 3)
  expect(errors[2]).toContain('there is no such file or folder')
  expect(await wallet(sandbox)).toEqual({ status: 200, balance: 10 })
  replace(fixtures, json(fixturesOf(2, 30)))
  await seen(async () => (await wallet(sandbox)).balance === 30)
  await sandbox.close()
})

test('what was read is said, where there is a log', async () => {
  const { fixtures, scenario, errors, sandbox } = await watching({ log: 'json' })
  replace(fixtures, json(fixturesOf(3)))
  await seen(async () => errors.length === 1)
  replace(scenario, json(failing))
  await seen(async () => errors.length === 2)
  expect(errors).toEqual([
    `wallet-sandbox: ${fixtures}: read again (merchants: 1, customers: 3)\n`,
    `wallet-sandbox: ${scenario}: read again (scenario "failing", rules: 1)\n`,
  ])
  await sandbox.close()
})
