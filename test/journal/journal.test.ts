import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { ask, sandboxFor } from '../control/helpers.js'

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

test('memory stays flat however many requests there are', { timeout: 60_000 }, async () => {
  const sandbox = await sandboxFor({ journalSize: 100, scenario: 'published-latency', latency: 'virtual' })
  const heapAfter = async (requests: number) => {
    for (let i = 0; i < requests; i++) {
      const key = i % 10 === 0 ? 'nobodys_key' : 'acme_test_key'
      await ask(sandbox, '/wallets/wlt_q23xzki3pazgtezo', key, { 'x-routing-id': `r${i % 500}` })
    }
    collect()
    return process.memoryUsage().heapUsed
  }
  const before = await heapAfter(4_000)
  const after = await heapAfter(16_000)
  expect(after - before).toBeLessThan(1_000_000)
  expect((await sandbox.control.requests.get()).total).toBe(200)
})
