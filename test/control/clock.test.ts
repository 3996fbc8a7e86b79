import { describe, expect, test } from 'vitest'
import type { Sandbox } from '../../src/sandbox.js'
import { ask, control, REFRESH, sandboxFor, WALLET, WALLET_ID } from './helpers.js'

const token = async (sandbox: Sandbox) => ((await (await ask(sandbox, WALLET)).json()) as { token: string }).token
const advance = (sandbox: Sandbox, by: number | string) => control(sandbox, 'POST', '/clock/advance', { by })

describe.each(['2023-09-11T08:30:00Z', 'real'])('everything follows the one clock (%s)', (clock) => {
  test('a token lives to 14:59, and at 15:00 there is a new one', async () => {
    const sandbox = await sandboxFor({ clock })
    const first = await token(sandbox)
    // A running clock goes on by itself, so that the last second is left to it.
    await advance(sandbox, clock === 'real' ? '14m30s' : '14m59s')
    expect(await token(sandbox)).toBe(first)
    await advance(sandbox, clock === 'real' ? '30s' : '1s')
    const second = await token(sandbox)
    expect(second).not.toBe(first)
    expect(second).toMatch(/^tok_[a-z0-9]{20}$/)
  })
})

test('the life of a token is an option', async () => {
  const sandbox = await sandboxFor({ tokenTtl: '10m' })
  const first = await token(sandbox)
  await advance(sandbox, '9m59s')
  expect(await token(sandbox)).toBe(first)
  await advance(sandbox, '1s')
  expect(await token(sandbox)).not.toBe(first)
})

test('windows of rules and Retry-After', async () => {
  const window = { from: '1m', to: '90s' }
  const rules = [{ name: 'busy', when: { window }, effect: { error: 'rate_limited' } }]
  const sandbox = await sandboxFor()
  await control(sandbox, 'PUT', '/scenario', { name: 's', rules })
  const seen = async () => {
    const { status, headers } = await ask(sandbox, WALLET)
    return [status, headers.get('retry-after')]
  }
  expect(await seen()).toEqual([200, null])
  await advance(sandbox, '1m')
  expect(await seen()).toEqual([429, '30'])
  await advance(sandbox, '29s')
  expect(await seen()).toEqual([429, '1'])
  await advance(sandbox, '1s')
  expect(await seen()).toEqual([200, null])
  // Set again, its window counts from now; so it does after a reset of the counters.
  await control(sandbox, 'PUT', '/scenario', { name: 's', rules })
  expect(await seen()).toEqual([200, null])
  await advance(sandbox, '75s')
  expect(await seen()).toEqual([429, '15'])
  await control(sandbox, 'POST', '/reset', { only: ['counters'] })
  expect(await seen()).toEqual([200, null])
})

test('what a refresh dates, and the journal', async () => {
  const sandbox = await sandboxFor()
  // A provider whose balance was set answers as of now; the published one as of its own time.
  await control(sandbox, 'PUT', '/wallets/wlt_q23xzki3pazgtezo/provider', { balance: 9 })
  await control(sandbox, 'PUT', '/clock', { now: '2030-12-31T23:59:58.500Z' })
  expect(await (await ask(sandbox, REFRESH)).text()).toContain('"last_refreshed":"2030-12-31T23:59:58Z"')
  await advance(sandbox, '2s')
  await ask(sandbox, WALLET)
  const { requests } = await sandbox.control.requests.get()
  expect(requests.map(({ at }) => at)).toEqual(['2030-12-31T23:59:58.500Z', '2031-01-01T00:00:00.500Z'])
})

test('a running clock stands at the end of time, and what follows from it is kept', async () => {
  const sandbox = await sandboxFor({ tokenTtl: '365d' })
  const acme = sandbox.control.merchant('acme')
  await acme.clock.put({ now: '9998-12-31T23:59:59.990Z', mode: 'real' })
  await expect.poll(async () => (await acme.clock.get()).mode).toBe('frozen')
  expect(await acme.clock.get()).toEqual({ now: '9998-12-31T23:59:59.999Z', mode: 'frozen' })
  const { token } = (await (await ask(sandbox, WALLET)).json()) as { token: string }
  const state = await acme.state.get()
  await acme.state.put(state)
  expect(await acme.state.get()).toEqual(state)
  expect(((await acme.wallet(WALLET_ID)) as { token: unknown }).token).toMatchObject({ value: token, live: true })
  // A customer's own token too.
  const { juspay } = (await (
    await ask(sandbox, '/customers/guest_user?options.get_client_auth_token=true')
  ).json()) as never
  const { client_auth_token: own } = juspay as { client_auth_token: string }
  await ask(sandbox, '/customers/guest_user')
  const order = await sandbox.fetch('http://x/customers/guest_user/wallets', {
    method: 'POST',
    body: new URLSearchParams({ gateway: 'PAYTM', client_auth_token: own }),
  })
  expect(order.status).toBe(200)
})

test('a running clock that was advanced by less than a millisecond is kept', async () => {
  const sandbox = await sandboxFor({ clock: 'real' })
  await sandbox.control.clock.advance('90.5ms')
  await sandbox.control.state.put(await sandbox.control.state.get())
})

test('a merchant’s clock is its own', async () => {
  const sandbox = await sandboxFor()
  await sandbox.control.merchant('sandbox_a').clock.advance('15m')
  const now = async (id: string) => (await sandbox.control.merchant(id).clock.get()).now
  expect([await now('sandbox_a'), await now('sandbox_b'), await now('acme')]).toEqual([
    '2023-09-11T08:45:00.000Z',
    '2023-09-11T08:30:00.000Z',
    '2023-09-11T08:30:00.000Z',
  ])
})
