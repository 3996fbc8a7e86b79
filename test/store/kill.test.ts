import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { createSandbox } from '../../src/index.js'
import type { CustomerIndex } from '../../src/store/customer-index.js'
import { DataFolder } from '../../src/store/folder.js'
import { bundled } from '../spawn.js'
import { receiver } from '../webhooks/support.js'
import { clientsOf } from './churn.js'
import { AUTHORISED, customerId, fixturesOf, MERCHANT, RECORD, walletId } from './customers.js'

/** How often a process is killed; `npm run soak` does it 200 times. */
const KILLS = process.env.SOAK ? 200 : 4
/** Sandboxes in the process, each with a folder of its own: that many folders are cut off by one kill. */
const FOLDERS = process.env.SOAK ? 1 : 4
const CLIENTS = 8
const WALLETS = 64

const place = mkdtempSync(join(tmpdir(), 'kill-'))
afterAll(() => rmSync(place, { recursive: true, force: true }))

const VICTIM = bundled(fileURLToPath(new URL('victim.ts', import.meta.url)))

/** A victim that is ready to be told what to do. */
class Victim {
  readonly process: ChildProcess
  readonly lines: string[] = []
  readonly #closed: Promise<unknown>
  #heard = () => {}

  constructor() {
    this.process = spawn(process.execPath, [VICTIM], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#closed = once(this.process, 'close')
    createInterface({ input: this.process.stdout! }).on('line', (line) => {
      this.lines.push(line)
      this.#heard()
    })
  }

  /** @returns the first `count` lines it prints */
  async told(what: string, count: number): Promise<string[]> {
    this.process.stdin!.write(`${what}\n`)
    const ended = this.#closed.then(() => {
      throw new Error(`the process ended before it was told to: ${what}`)
    })
    ended.catch(() => {})
    while (this.lines.length < count) await Promise.race([ended, this.#line()])
    return this.lines.slice(0, count)
  }

  #line(): Promise<void> {
    return new Promise((resolve) => {
      this.#heard = resolve
    })
  }

  async killed(): Promise<void> {
    this.process.kill('SIGKILL')
    await this.#closed
  }
}

/** Kills `victim()`s in turn, the next one being started while the last one is at work. */
async function killing(times: number, round: (victim: Victim, n: number) => Promise<void>): Promise<void> {
  let next = new Victim()
  for (let n = 0; n < times; n++) {
    const victim = next
    if (n < times - 1) next = new Victim()
    try {
      await round(victim, n)
    } finally {
      await victim.killed()
    }
  }
}

/** How many tokens of each wallet were asked for and answered. */
class Tally {
  readonly asked = new Array<number>(WALLETS).fill(0)
  readonly answered = new Array<number>(WALLETS).fill(0)
  readonly tokens = Array.from({ length: WALLETS }, () => new Set<string>())
}

const sum = (tallies: readonly Tally[]) => tallies.flatMap(({ answered }) => answered).reduce((a, b) => a + b, 0)

/** Asks for tokens over and over, until the connection breaks. */
async function client(url: string, tally: Tally, offset: number, agent: Agent): Promise<void> {
  for (let i = offset; ; i = (i * 7 + 3) % WALLETS) {
    tally.asked[i]!++
    const body = await answer(`${url}/wallets/${walletId(i)}`, agent).catch(() => undefined)
    if (body === undefined) return
    expect(body.token).toMatch(/^tok_/)
    tally.answered[i]!++
    tally.tokens[i]!.add(body.token)
  }
}

function answer(url: string, agent: Agent): Promise<{ token: string }> {
  return new Promise((resolve, reject) => {
    const request = get(url, { headers: AUTHORISED, agent }, (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('error', reject)
      response.on('end', () =>
        response.complete && response.statusCode === 200 ? resolve(JSON.parse(text)) : reject(new Error(text)),
      )
    })
    request.on('error', reject)
  })
}

/** What is on disk now: opening reads every file and holds it against the schema. */
async function stored(folder: string): Promise<CustomerIndex['customers']> {
  const data = await DataFolder.open(folder)
  const { customers } = data.database(RECORD)
  await data.close()
  return customers.customers
}

test(
  `every answered change survives ${KILLS * FOLDERS} kills under ${CLIENTS} clients`,
  async () => {
    const folders = Array.from({ length: FOLDERS }, (_, n) => join(place, `served-${n}`))
    const before = folders.map(() => new Array<number>(WALLETS).fill(0))
    let answers = 0
    await killing(KILLS, async (victim, n) => {
      const urls = await victim.told(`serve ${folders.join(' ')}`, FOLDERS)
      const agent = new Agent({ keepAlive: true })
      const tallies = urls.map(() => new Tally())
      const work = tallies.flatMap((tally, f) =>
        Array.from({ length: CLIENTS }, (_, c) => client(urls[f]!, tally, c * 5 + n, agent)),
      )
      // At a random moment of its progress, which a slow machine does not turn into "before the first answer".
      const enough = n === 0 ? 0 : Math.random() * 15 * FOLDERS
      while (sum(tallies) < enough) await sleep(1)
      await sleep(Math.random() * 10)
      await victim.killed()
      await Promise.all(work)
      answers += sum(tallies)
      agent.destroy()
      for (const [f, tally] of tallies.entries()) {
        const customers = await stored(folders[f]!)
        for (let i = 0; i < WALLETS; i++) {
          const wallet = customers.get(customerId(i))?.wallets[0]
          const drawn = (wallet?.tokensDrawn ?? 0) - before[f]![i]!
          expect(drawn, `kill ${n}, ${walletId(i)}`).toBeGreaterThanOrEqual(tally.answered[i]!)
          expect(drawn, `kill ${n}, ${walletId(i)}`).toBeLessThanOrEqual(tally.asked[i]!)
          // Where all that was asked was answered, the last token drawn is one of those that a client has.
          if (drawn > 0 && tally.asked[i] === tally.answered[i]) expect(tally.tokens[i]).toContain(wallet!.token!.value)
          before[f]![i]! += drawn
        }
      }
    })
    expect(answers).toBeGreaterThan(KILLS * FOLDERS)
  },
  KILLS * 60_000,
)

test(
  'merchants that are reset, replaced, dropped and made anew keep what was acknowledged, whenever the process is killed',
  async () => {
    const folder = join(place, 'churned')
    let certain = 0
    await killing(KILLS, async (victim, n) => {
      const [url] = await victim.told(`serve ${folder}`, 1)
      const clients = clientsOf((path, init) => fetch(`${url}${path}`, init), String(n))
      let rounds = 0
      const work = Promise.allSettled(
        clients.map(async (client) => {
          for (; ; rounds++) await client.round()
        }),
      )
      const enough = Math.random() * 30
      while (rounds < enough) await sleep(1)
      await sleep(Math.random() * 10)
      await victim.killed()
      await work
      await using sandbox = await createSandbox({ data: folder, fixtures: fixturesOf(64), latency: 'off' })
      for (const client of clients) {
        await client.verify((path, init) => sandbox.fetch(`http://x${path}`, init))
        if (!client.doubtful) certain += client.certain.size
      }
      await sandbox.control.state.put((await sandbox.control.merchant(MERCHANT).state.get()) as never)
    })
    expect(certain).toBeGreaterThan(0)
  },
  KILLS * 60_000,
)

/** Pays order after order until the connection breaks, and says which payments were answered. */
async function payer(url: string, webhook: string, name: string, paid: Set<string>): Promise<void> {
  const headers = { ...AUTHORISED, 'content-type': 'application/x-www-form-urlencoded' }
  for (let n = 0; ; n++) {
    const id = `${name}-${n}`
    const body = new URLSearchParams({
      'order.order_id': id,
      'order.amount': '1.00',
      'order.metadata.webhook_url': webhook,
      payment_method_type: 'WALLET',
      payment_method: 'PAYTM',
    })
    const response = await fetch(`${url}/txns`, { method: 'POST', headers, body })
    expect([response.status, await response.json()]).toEqual([200, expect.objectContaining({ order_id: id })])
    paid.add(id)
  }
}

test(
  'the events of every payment that was answered arrive, whenever the process is killed and the receiver fails',
  async () => {
    const folder = join(place, 'paid')
    const paid = new Set<string>()
    const taken = new Set<string>()
    const hooks = await receiver((_, response) => {
      const { body } = hooks.received.pop()!
      response.statusCode = Math.random() < 0.2 ? 500 : 200
      if (response.statusCode === 200) taken.add(body.content.order.order_id)
      response.end()
    })
    await killing(KILLS, async (victim, n) => {
      const [url] = await victim.told(`serve ${folder}`, 1)
      const before = paid.size
      const work = Promise.allSettled(
        Array.from({ length: CLIENTS }, (_, c) => payer(url!, hooks.url, `cup-${n}-${c}`, paid)),
      )
      const enough = before + Math.random() * 40
      const latest = Date.now() + 2_000
      while (paid.size < enough && Date.now() < latest) await sleep(1)
      await victim.killed()
      // What `fetch` rejects with when the connection breaks.
      for (const outcome of await work) expect(outcome).toMatchObject({ reason: expect.any(TypeError) })
    })
    await using sandbox = await createSandbox({ data: folder, fixtures: fixturesOf(64), latency: 'off' })
    // Every attempt that the schedule has.
    await sandbox.control.clock.advance('48h')
    expect(paid.size).toBeGreaterThan(KILLS)
    expect([...paid].filter((id) => !taken.has(id))).toEqual([])
  },
  KILLS * 8_000 + 120_000,
)

test(
  'a state is replaced whole or not at all, whenever the process is killed',
  async () => {
    const folder = join(place, 'replaced')
    await killing(Math.ceil(KILLS / 4), async (victim) => {
      await victim.told(`replace ${folder}`, 1)
      await sleep(Math.random() * 60)
      await victim.killed()
      const answered = Number(victim.lines.at(-1))
      const { size } = await stored(folder)
      expect(size - answered).toBeGreaterThanOrEqual(0)
      expect(size - answered).toBeLessThanOrEqual(1)
    })
  },
  KILLS * 60_000,
)
