import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { receiver, shop } from './support.js'

/** Events delivered; `npm run soak` delivers 100,000. */
const EVENTS = process.env.SOAK ? 100_000 : 1_250
const BATCH = 250

test('memory is flat however many events are delivered', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const hooks = await receiver()
  const client = await shop(undefined)
  const { control } = client.sandbox
  const heaps: number[] = []
  for (let n = 0; n < EVENTS; n += BATCH) {
    // A reset takes the setting back too, as it is the merchant's.
    await control.merchant('acme').webhooks.put({ url: hooks.url })
    for (let i = 0; i < BATCH; i++)
      await client.post('/txns', {
        'order.order_id': `cup-${n + i}`,
        'order.amount': '1.00',
        merchant_id: 'acme',
        payment_method_type: 'WALLET',
        payment_method: 'PAYTM',
      })
    await expect.poll(() => hooks.received.length).toBe(BATCH)
    hooks.received.length = 0
    await control.reset({ only: ['state', 'journal'] })
    collect()
    heaps.push(process.memoryUsage().heapUsed)
  }
  // The first thousand attempts are remembered, and nothing beyond them.
  expect(heaps.at(-1)! - heaps[1_000 / BATCH - 1]!).toBeLessThan(2_000_000)
})
