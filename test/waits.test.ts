import { get } from 'node:http'
import { urlToHttpOptions } from 'node:url'
import { describe, expect, test, vi } from 'vitest'
import { createSandbox } from '../src/index.js'
import { Waits } from '../src/waits.js'

const in_ = (ms: number) => performance.now() + ms

describe('a wait', () => {
  test('is over at its deadline and no sooner, in the order of the deadlines', async () => {
    const waits = new Waits()
    const ended: number[] = []
    const start = performance.now()
    const delays = Array.from({ length: 60 }, (_, i) => ((i * 37) % 60) * 0.9 + 20)
    await Promise.all(
      delays.map(async (delay) => {
        const deadline = start + delay
        await waits.until(deadline)
        expect(performance.now()).toBeGreaterThanOrEqual(deadline)
        ended.push(delay)
      }),
    )
    expect(ended).toEqual([...delays].sort((a, b) => a - b))
    expect(waits.size).toBe(0)
  })

  test('can be exact: unless the machine is busy, it ends within a tenth of a millisecond', async () => {
    const waits = new Waits()
    const late: number[] = []
    for (let i = 0; i < 41; i++) {
      const deadline = in_(3 + (i % 7) * 0.37)
      await waits.until(deadline)
      late.push(performance.now() - deadline)
    }
    expect(late.sort((a, b) => a - b)[4]).toBeLessThan(0.1)
  })

  test('of the past, or after a release, is none', async () => {
    const waits = new Waits()
    await waits.until(in_(-1))
    waits.release()
    await waits.until(in_(60_000))
    expect(waits.size).toBe(0)
  })

  test('ends when its signal aborts', async () => {
    const waits = new Waits()
    const client = new AbortController()
    const wait = waits.until(in_(60_000), client.signal)
    expect(waits.size).toBe(1)
    client.abort()
    await wait
    expect(waits.size).toBe(0)
    await waits.until(in_(60_000), client.signal)
    waits.release()
  })

  test('without an end lasts until the release', async () => {
    const waits = new Waits()
    const ended = vi.fn()
    const wait = waits.until(Number.POSITIVE_INFINITY).then(ended)
    await waits.until(in_(5))
    expect(ended).not.toHaveBeenCalled()
    waits.release()
    await wait
    expect(ended).toHaveBeenCalledOnce()
  })
})

describe('the end of a turn', () => {
  test('is one for all that wait for it, and comes when the turn has read what there is', async () => {
    const waits = new Waits()
    const ends = Array.from({ length: 3 }, () => waits.endOfTurn())
    expect(new Set(ends).size).toBe(1)
    const order: string[] = []
    await Promise.all([
      ends[0]!.then(() => order.push('end')),
      new Promise<void>((resolve) => process.nextTick(resolve)).then(() => order.push('tick')),
    ])
    expect(order).toEqual(['tick', 'end'])
    expect(waits.endOfTurn()).not.toBe(ends[0])
  })

  test('does not wait for timers that a test has faked', async () => {
    await using sandbox = await createSandbox({ latency: 'off' })
    const url = new URL(await sandbox.listen())
    vi.useFakeTimers()
    try {
      const status = await new Promise((resolve, reject) => {
        const asked = get({ ...urlToHttpOptions(url), path: '/wallets/wlt_q23xzki3pazgtezo', auth: 'acme_test_key:' })
        asked.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject)
      })
      expect(status).toBe(200)
    } finally {
      vi.useRealTimers()
    }
  })
})

test('clients that hang up leave the queue, and the others keep their deadlines', async () => {
  const waits = new Waits()
  const clients = Array.from({ length: 1000 }, () => new AbortController())
  const abandoned = clients.map(({ signal }) => waits.until(in_(600_000), signal))
  const deadline = in_(30)
  const kept = waits.until(deadline)
  for (const client of clients) client.abort()
  await Promise.all(abandoned)
  expect(waits.size).toBe(1)
  expect(waits.queued).toBeLessThan(130)
  await kept
  expect(performance.now()).toBeGreaterThanOrEqual(deadline)
  waits.release()
})
