import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
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
    const response = await answer(`${url}/wallets/${walletId(i)}`, agent, { headers: AUTHORISED }).catch(
      () => undefined,
    )
    if (response === undefined) return
    const { token } = (await response.json()) as { token: string }
    expect([response.status, token]).toEqual([200, expect.stringMatching(/^tok_/)])
    tally.answered[i]!++
    tally.tokens[i]!.add(token)
  }
}

/** An answer, or what broke the connection: `fetch` may wait for good where a server is killed while it connects. */
function answer(url: string, agent: Agent, { method, headers = {}, body }: RequestInit = {}): Promise<Response> {
  return new Promise((resolve, reject) => {
    const options = { agent, ...(method && { method }), headers: headers as Record<string, string> }
    const asked = request(url, options, (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('error', reject)
      response.on('end', () => resolve(new Response(text, { status: response.statusCode! })))
    })
    asked.on('error', reject).end(body?.toString())
  })
}

/** What is on disk now: opening reads every file and holds it against the schema. */
async function stored(folder: string): Promise<CustomerIndex['customers']> {
  const data = await DataFolder.open(folder)
  const { customers } = data.database(RECORD)
  await data.close()
  return customers.customers
}

/** What clients do at one victim after the other, and what they must find in its folders. */
interface Work {
  readonly folders: readonly string[]
  begin(urls: readonly string[], n: number, agent: Agent): Round
  /** Once the last victim is gone. */
  end(): Promise<void> | void
}

/** What they do at one victim. */
interface Round {
  /** At a random moment of its progress, which a slow machine does not turn into "before the first answer". */
  isEnough(): boolean
  /** Once the victim is gone. */
  check(): Promise<void>
}

/** Every answered change survives. */
function changes(): Work {
  const folders = Array.from({ length: FOLDERS }, (_, n) => join(place, `served-${n}`))
  const before = folders.map(() => new Array<number>(WALLETS).fill(0))
  let answers = 0
  return {
    folders,
    begin(urls, n, agent) {
      const tallies = urls.map(() => new Tally())
      const work = tallies.flatMap((tally, f) =>
        Array.from({ length: CLIENTS }, (_, c) => client(urls[f]!, tally, c * 5 + n, agent)),
      )
      const enough = n === 0 ? 0 : Math.random() * 15 * FOLDERS
      const check = async () => {
        await Promise.all(work)
        answers += sum(tallies)
        for (const [f, tally] of tallies.entries()) {
          const customers = await stored(folders[f]!)
          for (let i = 0; i < WALLETS; i++) {
            const wallet = customers.get(customerId(i))?.wallets[0]
            const drawn = (wallet?.tokensDrawn ?? 0) - before[f]![i]!
            expect(drawn, `kill ${n}, ${walletId(i)}`).toBeGreaterThanOrEqual(tally.answered[i]!)
            expect(drawn, `kill ${n}, ${walletId(i)}`).toBeLessThanOrEqual(tally.asked[i]!)
            // Where all that was asked was answered, the last token drawn is one of those that a client has.
            if (drawn > 0 && tally.asked[i] === tally.answered[i])
              expect(tally.tokens[i]).toContain(wallet!.token!.value)
            before[f]![i]! += drawn
          }
        }
      }
      return { isEnough: () => sum(tallies) >= enough, check }
    },
    end: () => expect(answers).toBeGreaterThan(KILLS * FOLDERS),
  }
}

/** Merchants that are reset, replaced, dropped and made anew keep what was acknowledged. */
function churn(): Work {
  const folder = join(place, 'churned')
  let certain = 0
  return {
    folders: [folder],
    begin([url], n, agent) {
      const clients = clientsOf((path, init) => answer(`${url}${path}`, agent, init), String(n))
      let rounds = 0
      const work = Promise.allSettled(
        clients.map(async (client) => {
          for (; ; rounds++) await client.round()
        }),
      )
      const enough = Math.random() * 12
      const check = async () => {
        await work
        await using sandbox = await createSandbox({ data: folder, fixtures: fixturesOf(64), latency: 'off' })
        for (const client of clients) {
          await client.verify((path, init) => sandbox.fetch(`http://x${path}`, init))
          if (!client.doubtful) certain += client.certain.size
        }
        await sandbox.control.state.put((await sandbox.control.merchant(MERCHANT).state.get()) as never)
      }
      return { isEnough: () => rounds >= enough, check }
    },
    end: () => expect(certain).toBeGreaterThan(0),
  }
}

/** Pays order after order until the connection breaks, and says which payments were answered. */
async function payer(url: string, agent: Agent, webhook: string, name: string, paid: Set<string>): Promise<void> {
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
    const response = await answer(`${url}/txns`, agent, { method: 'POST', headers, body })
    expect([response.status, await response.json()]).toEqual([200, expect.objectContaining({ order_id: id })])
    paid.add(id)
  }
}

/** The events of every payment that was answered arrive, though the receiver fails. */
async function payments(): Promise<Work> {
  const folder = join(place, 'paid')
  const paid = new Set<string>()
  const taken = new Set<string>()
  const hooks = await receiver((_, response) => {
    const { body } = hooks.received.pop()!
    response.statusCode = Math.random() < 0.2 ? 500 : 200
    if (response.statusCode === 200) taken.add(body.content.order.order_id)
    response.end()
  })
  return {
    folders: [folder],
    begin([url], n, agent) {
      const work = Promise.allSettled(
        Array.from({ length: CLIENTS }, (_, c) => payer(url!, agent, hooks.url, `cup-${n}-${c}`, paid)),
      )
      const enough = paid.size + Math.random() * 20
      const latest = Date.now() + 2_000
      const check = async () => {
        // Only the connection ends a payer.
        for (const outcome of await work) expect(outcome).toMatchObject({ reason: { code: 'ECONNRESET' } })
      }
      return { isEnough: () => paid.size >= enough || Date.now() >= latest, check }
    },
    async end() {
      await using sandbox = await createSandbox({ data: folder, fixtures: fixturesOf(64), latency: 'off' })
      // Every attempt that the schedule has.
      await sandbox.control.clock.advance('48h')
      expect(paid.size).toBeGreaterThan(KILLS)
      expect([...paid].filter((id) => !taken.has(id))).toEqual([])
    },
  }
}

test(
  `answered changes, acknowledged merchants and the events of payments survive ${KILLS} kills of ${FOLDERS + 2} folders`,
  async () => {
    const works = [changes(), churn(), await payments()]
    const folders = works.flatMap((work) => work.folders)
    await killing(KILLS, async (victim, n) => {
      const urls = await victim.told(`serve ${folders.join(' ')}`, folders.length)
      const agent = new Agent({ keepAlive: true })
      const rounds = works.map((work) => work.begin(urls.splice(0, work.folders.length), n, agent))
      // One after the other says when, while the others are wherever they are.
      const { isEnough } = rounds[n % rounds.length]!
      while (!isEnough()) await sleep(1)
      await sleep(Math.random() * 10)
      await victim.killed()
      for (const { check } of rounds) await check()
      agent.destroy()
    })
    for (const work of works) await work.end()
  },
  KILLS * 60_000,
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
