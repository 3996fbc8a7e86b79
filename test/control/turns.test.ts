import { setImmediate } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FixtureWallet } from '../../src/fixture-files/schema.js'
import { createSandbox, type Sandbox } from '../../src/index.js'
import { cpuMs, expectBelow } from '../cpu.js'

/** What a task comes to, how often others had their turn meanwhile, and the most milliseconds of CPU between two turns. */
async function beside<Result>(task: () => Promise<Result>) {
  let turns = 0
  let longest = 0
  let ended = false
  const others = async () => {
    for (; !ended; turns++) longest = Math.max(longest, await cpuMs(() => setImmediate()))
  }
  const counting = others()
  const result = await task().finally(() => {
    ended = true
  })
  await counting
  return { result, turns, longest }
}

const MANY = Array.from({ length: 100_000 }, (_, i) => ({
  id: `cst_${i}`,
  objectReferenceId: `reference-${i}`,
  wallets: [{ id: `wlt_${i}`, wallet: 'PAYTM' }],
}))

describe('100,000 customers', () => {
  let sandbox: Sandbox
  beforeAll(async () => {
    sandbox = await createSandbox({ fixtures: { merchants: [{ id: 'm', customers: MANY }] } })
  })
  afterAll(() => sandbox.close())

  test('a call beside a list of them waits for less than 20 ms', async () => {
    const get = async (path: string) => (await sandbox.app.request(`/_sandbox${path}`)).text()
    // The first one loads what checks its parameters.
    await get('/wallets?limit=1')
    for (const path of ['/wallets', '/wallets?wallet=*99', '/wallets?limit=500', '/wallets/wlt_none', '/merchants'])
      await expectBelow(20, async () => (await beside(() => get(path))).longest, path)
  })

  test('are looked through by name, and calls go on meanwhile', async () => {
    const search = () => sandbox.control.wallets({ customer: '*99*', limit: 2 })
    const { result, turns } = await beside(search)
    const wanted = MANY.filter(({ id }) => id.includes('99'))
    expect(result.total).toBe(wanted.length)
    expect(result.wallets.map(({ customer }) => customer)).toEqual([wanted[0]!.id, wanted[1]!.id])
    expect(turns).toBeGreaterThan(3)
    await expectBelow(1000, () => cpuMs(search))
  }, 60_000)
})

test('20,000 wallets, and the whole state, are sent in many turns; the state is that of when it was asked for', async () => {
  await using sandbox = await createSandbox({
    fixtures: { merchants: [{ id: 'm', customers: MANY.slice(0, 20_000) }] },
  })
  const url = await sandbox.listen()
  // biome-ignore lint/suspicious/noExplicitAny: a test reads of an answer what it likes
  const get = async (path: string): Promise<any> => (await fetch(`${url}/_sandbox${path}`)).json()
  const wallets = await beside(() => get('/wallets?limit=20000'))
  expect(wallets.result.wallets).toHaveLength(20_000)
  expect(wallets.turns).toBeGreaterThan(20)
  const { control } = sandbox
  const [before] = await Promise.all([control.state.get(), control.provider('wlt_19999', { balance: 5 })])
  const last = before.merchants[0]!.customers![19_999]!.wallets![0] as FixtureWallet
  expect(last.provider).toEqual({ balance: 0 })
  const state = await beside(() => get('/state'))
  expect(state.turns).toBeGreaterThan(20)
  const changed = JSON.stringify(before).replace(
    JSON.stringify(last),
    JSON.stringify({ ...last, provider: { balance: 5 } }),
  )
  expect(isDeepStrictEqual(state.result, JSON.parse(changed))).toBe(true)
}, 60_000)

test('a journal of large bodies is counted and read by a pattern made to be slow, and calls go on meanwhile', async () => {
  await using sandbox = await createSandbox({ latency: 'off' })
  const body = `description=${'a'.repeat(64_000)}b`
  const headers = { authorization: 'Basic YWNtZV90ZXN0X2tleTo=', 'content-type': 'application/x-www-form-urlencoded' }
  for (let i = 0; i < 300; i++) await sandbox.fetch('http://x/orders', { method: 'POST', headers, body })
  const { requests } = sandbox.control
  const description = `*${'a'.repeat(126)}b*${'a'.repeat(126)}b`
  const count = () => requests.count({ body: { description } })
  const counted = await beside(count)
  expect(counted.result.count).toBe(0)
  expect(counted.turns).toBeGreaterThan(5)
  await expectBelow(5_000, () => cpuMs(count))
  const read = await beside(() => requests.get({ text: 'aabb' }))
  expect(read.result.total).toBe(0)
  expect(read.turns).toBeGreaterThan(3)
}, 60_000)
