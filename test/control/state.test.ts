import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Sandbox } from '../../src/sandbox.js'
import { ask, basic, CUSTOMER, control, FROZEN, REFRESH, sandboxFor, WALLET, WALLET_ID } from './helpers.js'

const LIST = '/customers/guest_user/wallets'

/** An answer as its bytes: status, headers and body. */
async function bytes(sandbox: Sandbox, path: string, key?: string): Promise<string> {
  const response = await ask(sandbox, path, key)
  return `${response.status}\n${JSON.stringify([...response.headers])}\n${await response.text()}`
}

describe('GET state, PUT state on another server', () => {
  const act = fc.oneof(
    fc.record({ ask: fc.constantFrom(WALLET, LIST, REFRESH, '/customers/cust19374/wallets', '/wallets/wlt_none') }),
    fc.record({ advance: fc.constantFrom('1s', '5m', '14m59s', '15m') }),
    fc.record({ balance: fc.integer({ min: 0, max: 1_000_000 }).map((paise) => paise / 100) }),
  )
  const perform = async (sandbox: Sandbox, acts: readonly object[]) => {
    const transcript: string[] = []
    for (const one of acts as { ask?: string; advance?: string; balance?: number }[]) {
      if (one.ask !== undefined) transcript.push(await bytes(sandbox, one.ask))
      if (one.advance !== undefined) await sandbox.control.clock.advance(one.advance)
      if (one.balance !== undefined) await sandbox.control.provider(WALLET_ID, { balance: one.balance })
    }
    return transcript
  }

  test('gives byte-identical answers afterwards, the next tokens included', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 12 }), fc.array(act, { maxLength: 12 }), async (before, after) => {
        const first = await sandboxFor({ seed: 42 })
        await perform(first, before)
        const { body } = await control(first, 'GET', '/state')
        // Another seed, another time, other things done before.
        const second = await sandboxFor({ clock: '2001-01-01T00:00:00Z' })
        await perform(second, [{ ask: WALLET }, { ask: LIST }, { balance: 1 }])
        expect((await control(second, 'PUT', '/state', JSON.parse(JSON.stringify(body)))).status).toBe(200)
        expect(await perform(second, after)).toEqual(await perform(first, after))
        expect((await control(second, 'GET', '/state')).body).toEqual((await control(first, 'GET', '/state')).body)
      }),
      { numRuns: 30 },
    )
  })

  test('the next token is the one that would have come, not the first again', async () => {
    const first = await sandboxFor()
    const token = async (sandbox: Sandbox) => ((await (await ask(sandbox, WALLET)).json()) as { token: string }).token
    const seen = [await token(first)]
    for (let i = 0; i < 3; i++) {
      await first.control.clock.advance('15m')
      seen.push(await token(first))
    }
    const second = await sandboxFor()
    await second.control.state.put(await first.control.state.get())
    expect(await token(second)).toBe(seen.at(-1))
    for (const sandbox of [first, second]) await sandbox.control.clock.advance('15m')
    const next = await token(second)
    expect(next).toBe(await token(first))
    expect(seen).not.toContain(next)
  })

  test('merchants that the file does not name are gone, new ones are there with their keys', async () => {
    const first = await sandboxFor()
    await first.control.merchants.create({ id: 'initech' })
    await ask(first, WALLET, 'sandbox_one')
    await first.control.merchants.drop('globex')
    const second = await sandboxFor()
    await second.control.merchants.create({ id: 'hooli' })
    await second.control.state.put(await first.control.state.get())
    const list = async ({ control }: Sandbox) => (await control.merchants.list()).merchants
    expect(await list(second)).toEqual(await list(first))
    expect((await list(second)).map(({ id }) => id)).toEqual(['acme', 'initech', 'sandbox_one'])
    expect((await ask(second, WALLET, 'globex_test_key')).status).toBe(401)
    expect((await ask(second, WALLET, 'test_initech_juspay')).status).toBe(200)
    // A reset brings back what the fixtures hold.
    await second.control.reset()
    expect((await ask(second, '/wallets/wlt_globexphonepe001', 'globex_test_key')).status).toBe(200)
  })

  test('into a merchant of another id: its customers come, its keys stay', async () => {
    const sandbox = await sandboxFor()
    const one = sandbox.control.merchant('sandbox_one')
    await one.provider(WALLET_ID, { balance: 12.34 })
    await sandbox.control.merchant('sandbox_two').state.put(await one.state.get())
    expect(await bytes(sandbox, REFRESH, 'sandbox_two')).toContain('12.34')
    expect(await bytes(sandbox, REFRESH, 'sandbox_one')).toContain('12.34')
    expect(await bytes(sandbox, REFRESH, 'sandbox_three')).not.toContain('12.34')
  })
})

describe('a bad state changes nothing', () => {
  const wallet = { id: 'w', wallet: 'PAYTM', linked: true, balance: 1 }
  test.each([
    [
      'a fault deep inside',
      { merchants: [{ id: 'acme', customers: [{ id: 'c', wallets: [{ ...wallet, balance: 0.001 }] }] }] },
    ],
    [
      'a wallet that stands twice',
      { merchants: [{ id: 'acme', customers: [{ id: 'c', wallets: [wallet, wallet] }] }] },
    ],
    ['an unknown field', { merchants: [{ id: 'acme', custmers: [] }] }],
    [
      'one key for two merchants',
      { merchants: [{ id: 'a', juspayApiKeys: [{ key: 'acme_test_key' }] }, { id: 'acme' }] },
    ],
    ['a snapshot that is none', { merchants: [{ id: 'acme', snapshot: { seed: 'x' } }] }],
  ])('%s', async (_, fixtures) => {
    const sandbox = await sandboxFor()
    await ask(sandbox, WALLET)
    const before = (await control(sandbox, 'GET', '/state')).body
    const refused = await control(sandbox, 'PUT', '/state', fixtures)
    expect([refused.status, refused.body.error.code]).toEqual([400, 'invalid_request'])
    expect(refused.body.error.details[0]).toMatch(/allowed|Known|Did you mean|It is a field of/)
    expect((await control(sandbox, 'GET', '/state')).body).toEqual(before)
    expect((await ask(sandbox, WALLET)).status).toBe(200)
  })

  test('another merchant’s key in one merchant’s state', async () => {
    const sandbox = await sandboxFor()
    const theft = { merchants: [{ id: 'globex', juspayApiKeys: [{ key: 'acme_test_key' }] }] }
    const refused = await control(sandbox, 'PUT', '/merchants/globex/state', theft)
    expect(refused.body.error.message).toBe(
      'juspayApiKeys: merchant "globex" has a key of merchant "acme"; allowed: keys of its own',
    )
    expect((await ask(sandbox, WALLET)).status).toBe(200)
  })

  test('several merchants for one', async () => {
    const sandbox = await sandboxFor()
    const fixtures = { merchants: [{ id: 'a' }, { id: 'b' }] }
    const refused = await control(sandbox, 'PUT', '/merchants/acme/state', fixtures)
    expect(refused.body.error.message).toBe('state:merchants: are a, b; allowed: one of the id "acme", or one alone')
  })
})

describe('reset', () => {
  const REVOKE = {
    name: 'revoke',
    rules: [{ name: 'gone', when: { nth: 2 }, effect: { state: 'revoke-key' } }],
  } as const
  const prepared = async () => {
    const sandbox = await sandboxFor()
    await sandbox.control.scenario.put(structuredClone(REVOKE) as never)
    await sandbox.control.provider(WALLET_ID, { balance: 1 })
    await sandbox.control.clock.advance('1h')
    const statuses = [await ask(sandbox, WALLET), await ask(sandbox, WALLET), await ask(sandbox, LIST)]
    expect(statuses.map(({ status }) => status)).toEqual([200, 401, 401])
    return sandbox
  }
  const found = async ({ control: { merchant } }: Sandbox) => {
    const acme = merchant('acme')
    const { merchants } = await acme.state.get()
    return {
      state: ((await acme.wallet(WALLET_ID)) as { provider?: { balance?: number } }).provider?.balance,
      key: merchants[0]!.juspayApiKeys![0]!.status ?? 'active',
      clock: (await acme.clock.get()).now,
      scenario: (await acme.scenario.get()).name,
      counters: (await acme.scenario.get()).rules[0]?.matched ?? 0,
      journal: (await acme.requests.get()).total,
    }
  }
  const DIRTY = {
    state: 1,
    key: 'revoked',
    clock: '2023-09-11T09:30:00.000Z',
    scenario: 'revoke',
    counters: 3,
    journal: 3,
  }
  const CLEAN = { state: 250, key: 'active', clock: FROZEN, scenario: 'instant', counters: 0, journal: 0 }

  test.each([
    [undefined, CLEAN],
    [['state'], { ...DIRTY, state: CLEAN.state, key: CLEAN.key }],
    [['scenario'], { ...DIRTY, scenario: 'instant', counters: 0 }],
    [['clock'], { ...DIRTY, clock: CLEAN.clock }],
    [['counters'], { ...DIRTY, counters: 0 }],
    [['journal'], { ...DIRTY, journal: 0 }],
    [['journal', 'clock'], { ...DIRTY, journal: 0, clock: CLEAN.clock }],
  ] as const)('%j', async (only, expected) => {
    for (const at of ['', '/merchants/acme']) {
      const sandbox = await prepared()
      expect(await found(sandbox)).toEqual(DIRTY)
      await control(sandbox, 'POST', `${at}/reset`, only && { only })
      expect(await found(sandbox)).toEqual(expected)
    }
  })

  test('of one merchant leaves the others', async () => {
    const sandbox = await prepared()
    await sandbox.control.merchant('globex').reset()
    expect(await found(sandbox)).toEqual(DIRTY)
  })

  test('a merchant made with a scenario has that one back, and one made later the server’s', async () => {
    const sandbox = await sandboxFor({ scenario: 'instant' })
    const name = async (id: string) => (await sandbox.control.merchant(id).scenario.get()).name
    await sandbox.control.merchants.create({ id: 'm1', scenario: 'flaky' })
    await sandbox.control.scenario.put('unauthorized')
    expect([await name('m1'), await name('acme'), await name('sandbox_a')]).toEqual(Array(3).fill('unauthorized'))
    await sandbox.control.reset()
    expect([await name('m1'), await name('acme'), await name('sandbox_b')]).toEqual(['flaky', 'instant', 'instant'])
    expect((await ask(sandbox, WALLET, 'nobodys_key')).headers.get('x-sandbox-rule')).toBeNull()
  })

  test('a merchant goes back to how it was made, not to the state that was put', async () => {
    const sandbox = await sandboxFor()
    await control(sandbox, 'PUT', '/merchants/acme/state', { merchants: [{ id: 'acme' }] })
    expect((await ask(sandbox, WALLET)).status).toBe(400)
    await sandbox.control.merchant('acme').reset()
    expect((await ask(sandbox, WALLET)).status).toBe(200)
  })
})

test('two sandboxes in one process do not know of each other', async () => {
  const [one, two] = [await sandboxFor(), await sandboxFor()]
  await one.control.scenario.put({ name: 'no', rules: [{ name: 'no', effect: { error: 'server_error' } }] } as never)
  await one.control.clock.advance('1h')
  await one.control.provider(WALLET_ID, { balance: 1 })
  expect((await two.fetch(`http://x${WALLET}`, { headers: basic('acme_test_key') })).status).toBe(200)
  expect((await two.control.clock.get()).now).toBe(FROZEN)
  expect((await two.control.requests.get()).total).toBe(1)
  expect(await two.control.wallet(WALLET_ID)).toMatchObject({ provider: { balance: 250 }, customer: CUSTOMER })
})

test('nothing that is done to what was given changes the state', async () => {
  const sandbox = await sandboxFor()
  const scribble = (value: unknown) => {
    if (typeof value !== 'object' || value === null) return
    for (const [key, inner] of Object.entries(value)) {
      scribble(inner)
      ;(value as Record<string, unknown>)[key] = 'scribbled'
    }
  }
  const before = JSON.stringify(await sandbox.control.state.get())
  const list = await bytes(sandbox, LIST)
  scribble(await sandbox.control.state.get())
  for (const { wallets = [] } of (await sandbox.control.merchant('acme').state.get()).merchants[0]!.customers!)
    for (const { id } of wallets) scribble(await sandbox.control.wallet(id))
  await sandbox.control.reset({ only: ['counters', 'journal'] })
  expect(await bytes(sandbox, LIST)).toBe(list)
  await sandbox.control.reset()
  expect(JSON.stringify(await sandbox.control.state.get())).toBe(before)
})

test('a merchant that is renamed by PUT state keeps its keys, and they work', async () => {
  const sandbox = await sandboxFor()
  const { merchants } = await sandbox.control.state.get()
  await sandbox.control.state.put({ merchants: merchants.map((each) => ({ ...each, id: `new_${each.id}` })) })
  expect((await ask(sandbox, WALLET)).status).toBe(200)
  expect((await ask(sandbox, WALLET)).headers.get('x-jp-merchant-id')).toBe('new_acme')
  await sandbox.control.state.put({ merchants })
  expect((await ask(sandbox, WALLET)).headers.get('x-jp-merchant-id')).toBe('acme')
})

test('merchants with the same ids of wallets, orders and top-ups each act on their own', async () => {
  const sandbox = await sandboxFor()
  const { merchants } = await sandbox.control.state.get()
  const topUps = [{ id: 'wtpup_same', reference: 'same', amount: 5 }]
  const orders = [{ id: 'ordeh_same', reference: 'same', amount: 5, createdAt: FROZEN }]
  const wallets = [{ id: 'wlt_same', wallet: 'PAYTM', linked: true, balance: 10, topUps }]
  const twin = (id: string) => ({
    id,
    juspayApiKeys: [{ key: `${id}_key` }],
    customers: [{ id: `cst_${id}`, orders, wallets }],
  })
  await sandbox.control.state.put({ merchants: [...merchants, twin('one'), twin('two')] })
  const holder = async (id: string) => (await sandbox.control.merchant(id).wallet('wlt_same')).customer
  expect([await holder('one'), await holder('two')]).toEqual(['cst_one', 'cst_two'])
  await sandbox.control.merchant('two').provider('wlt_same', { balance: 99 })
  const balance = async (key: string) =>
    ((await (await ask(sandbox, '/wallets/wlt_same?command=refresh', key)).json()) as { current_balance: number })
      .current_balance
  expect([await balance('one_key'), await balance('two_key')]).toEqual([10, 99])
  expect((await ask(sandbox, '/orders/same', 'two_key')).status).toBe(200)
})
