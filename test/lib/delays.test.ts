import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test, vi } from 'vitest'
import { Delays } from '../../src/lib/delays.js'

const in_ = (ms: number) => performance.now() + ms

describe('a wait', () => {
  // A busy machine's timers can be later than these deadlines are apart.
  test('is over at its deadline and no sooner, in the order of the deadlines', { retry: 2 }, async () => {
    const delays = new Delays()
    const ended: number[] = []
    const start = performance.now()
    const lengths = Array.from({ length: 60 }, (_, i) => ((i * 37) % 60) * 0.9 + 20)
    await Promise.all(
      lengths.map(async (delay) => {
        const deadline = start + delay
        await delays.until(deadline)
        expect(performance.now()).toBeGreaterThanOrEqual(deadline)
        ended.push(delay)
      }),
    )
    expect(ended).toEqual([...lengths].sort((a, b) => a - b))
    expect(delays.size).toBe(0)
  })

  test('can be exact: unless the machine is busy, it ends within a tenth of a millisecond', async () => {
    const delays = new Delays()
    const late: number[] = []
    for (let i = 0; i < 41; i++) {
      const deadline = in_(3 + (i % 7) * 0.37)
      await delays.until(deadline)
      late.push(performance.now() - deadline)
    }
    expect(late.sort((a, b) => a - b)[4]).toBeLessThan(0.1)
  })

  test('of the past, or after a release, is none', async () => {
    const delays = new Delays()
    await delays.until(in_(-1))
    delays.release()
    await delays.until(in_(60_000))
    expect(delays.size).toBe(0)
  })

  test('ends when its signal aborts', async () => {
    const delays = new Delays()
    const client = new AbortController()
    const wait = delays.until(in_(60_000), client.signal)
    expect(delays.size).toBe(1)
    client.abort()
    await wait
    expect(delays.size).toBe(0)
    await delays.until(in_(60_000), client.signal)
    delays.release()
  })

  test('without an end lasts until the release', async () => {
    const delays = new Delays()
    const ended = vi.fn()
    const wait = delays.until(Number.POSITIVE_INFINITY).then(ended)
    await delays.until(in_(5))
    expect(ended).not.toHaveBeenCalled()
    delays.release()
    await wait
    expect(ended).toHaveBeenCalledOnce()
  })
})

describe('the end of a turn', () => {
  test('is one for all that wait for it, and comes when the turn has read what there is', async () => {
    const delays = new Delays()
    const ends = Array.from({ length: 3 }, () => delays.endOfTurn())
    expect(new Set(ends).size).toBe(1)
    const order: string[] = []
    await Promise.all([
      ends[0]!.then(() => order.push('end')),
      new Promise<void>((resolve) => process.nextTick(resolve)).then(() => order.push('tick')),
    ])
    expect(order).toEqual(['tick', 'end'])
    expect(delays.endOfTurn()).not.toBe(ends[0])
  })
})

test('clients that hang up end their delays, and the others keep their deadlines', async () => {
  const delays = new Delays()
  const clients = Array.from({ length: 1000 }, () => new AbortController())
  const abandoned = clients.map(({ signal }) => delays.until(in_(600_000), signal))
  const deadline = in_(30)
  const kept = delays.until(deadline)
  for (const client of clients) client.abort()
  await Promise.all(abandoned)
  expect(delays.size).toBe(1)
  await kept
  expect(performance.now()).toBeGreaterThanOrEqual(deadline)
  delays.release()
})

test('what has waited is let go with the young objects, however many wait beside it', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void
  const delays = new Delays()
  const signal = () => ({
    aborted: false,
    held: new Array(1_000).fill(0.5),
    addEventListener() {},
    removeEventListener() {},
  })
  const wait = (n: number) => Promise.all(Array.from({ length: n }, (_, i) => delays.until(in_(1 + i / 100), signal())))
  const oldBytes = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'old_space')!.space_used_size
  await wait(100)
  collect()
  const before = oldBytes()
  const keepGoing = async () => {
    for (let i = 0; i < 40; i++) await wait(10)
  }
  const collecting = setInterval(() => collect({ type: 'minor' }), 5)
  await Promise.all(Array.from({ length: 5 }, keepGoing))
  clearInterval(collecting)
  // 2,000 of 8 kB have waited: of each a set leaves half and more, and a busy machine some 600 bytes.
  expect((oldBytes() - before) / 2_000).toBeLessThan(2_000)
})
