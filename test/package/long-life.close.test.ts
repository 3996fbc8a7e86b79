import { Agent, request } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { createSandbox, type Sandbox } from '../../src/index.js'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Rounds of a sandbox's life: a few here, an hour's worth with `npm run soak`. */
const ROUNDS = process.env.SOAK ? 400 : 12
const CALLS = 60
const FAULTS = ['reset', 'hang', 'close', 'truncate', 'garbage', 'dribble'] as const

const agent = new Agent({ keepAlive: true, maxSockets: 16 })

/** One call, whatever becomes of it; a client waits for nothing longer than 60 ms. */
function call(url: string, path: string, key: string): Promise<number> {
  return new Promise((resolve) => {
    const headers = { authorization: `Basic ${btoa(`${key}:`)}` }
    const sent = request(url + path, { agent, headers, timeout: 60 }, (response) => {
      response.resume()
      response.on('close', () => resolve(response.statusCode ?? 0))
      response.on('error', () => {})
    })
    sent.on('timeout', () => sent.destroy())
    sent.on('error', () => resolve(0))
    sent.end()
  })
}

/** One round: merchants come, break in every way, see their clocks jump and their scenarios change, and go. */
async function live(sandbox: Sandbox, url: string, round: number): Promise<void> {
  const keys = Array.from({ length: 4 }, (_, i) => `sandbox_${round}_${i}`)
  await Promise.all(
    keys.map(async (key, i) => {
      const merchant = sandbox.control.merchant(key)
      const fault = FAULTS[(round + i) % FAULTS.length]!
      await merchant.scenario.put({
        name: 'life',
        latency: { '*': { fixed: 2 } },
        rules: [{ name: 'break', when: { every: 3, per: 'merchant' }, effect: { fault } }],
      })
      const calls = Array.from({ length: CALLS }, (_, n) =>
        call(url, n % 2 === 0 ? '/customers/guest_user/wallets' : '/wallets/wlt_q23xzki3pazgtezo', key),
      )
      await merchant.clock.advance('16m')
      if (i % 2 === 0) await merchant.scenario.put('instant')
      await Promise.all(calls)
      await merchant.reset()
    }),
  )
  // A call that its client gave up and that arrives after its merchant was dropped would make it once more.
  await hangUp()
  for (const key of keys) await sandbox.control.merchants.drop(key)
}

/** Ends every connection, and waits until both of its sides are closed. */
async function hangUp(): Promise<void> {
  agent.destroy()
  await expect.poll(() => resources().get('TCPSocketWrap') ?? 0, { interval: 5 }).toBe(0)
  await turn()
}

const resources = () => {
  const counts = new Map<string, number>()
  for (const name of process.getActiveResourcesInfo()) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}

test('a long life leaves nothing behind: no memory, timers, handles or sockets', async () => {
  await using sandbox = await createSandbox({ journalSize: 50 })
  const url = await sandbox.listen()
  const used = async () => {
    await hangUp()
    collect()
    return process.memoryUsage().heapUsed
  }
  for (let round = 0; round < 4; round++) await live(sandbox, url, round)
  const [heap, before] = [await used(), resources()]
  for (let round = 4; round < 4 + ROUNDS; round++) await live(sandbox, url, round)
  const grown = (await used()) - heap
  expect(grown / ROUNDS).toBeLessThan(150_000)
  expect(grown).toBeLessThan(12_000_000)
  for (const kind of ['TCPSocketWrap', 'Timeout', 'Immediate'])
    expect([kind, Math.max(0, (resources().get(kind) ?? 0) - (before.get(kind) ?? 0))]).toEqual([kind, 0])
  expect((await sandbox.control.merchants.list()).merchants.map(({ id }) => id)).toEqual(['acme', 'globex'])
  await expect.poll(() => call(url, '/customers/guest_user/wallets', 'acme_test_key')).toBe(200)
})
