import { readFileSync } from 'node:fs'
import { type Asking, ask, forCalls } from './sockets.js'
import { bareHono, bareHttp, HEADERS, LIST, median, type Running, run, sandbox, stop } from './targets.js'

const ROUNDS = 7
const CALLS = 10_000
/** By then V8 has compiled what they go through. */
const WARM_UP = 20_000

const FORM = { ...HEADERS, 'content-type': 'application/x-www-form-urlencoded' }

/** Calls that read, write and refuse. */
const ASKED: Readonly<Record<string, Asking>> = {
  List: {},
  Get: { path: '/wallets/wlm_vUtyjb78klnU8l' },
  'Refresh all': { path: '/customers/cth_eN4e4kR12CJV/wallets/refresh-balances' },
  '401': { headers: { authorization: `Basic ${btoa('no_such_key:')}` }, status: 401 },
  'POST refresh': {
    method: 'POST',
    path: '/wallets/wlm_vUtyjb78klnU8l',
    headers: FORM,
    body: () => 'command=refresh',
  },
  'POST /orders': {
    method: 'POST',
    path: '/orders',
    headers: FORM,
    body: (n) => `order_id=${n}-${Date.now()}&amount=100.00&currency=INR&customer_email=a%40example.com`,
  },
}

/** What is off, where the others have it on, or on, where they have it off. */
const VARIANTS: Readonly<Record<string, readonly string[]>> = {
  'no journal': ['--journal-size', '0'],
  'a log': ['--log', 'json'],
  'drawn latency': ['--scenario', 'published-latency', '--latency', 'virtual'],
  'rules of others': ['--scenario', 'key-expires-mid-session', '--latency', 'off'],
  'web pages': ['--cors', '*'],
}

interface Measured {
  readonly name: string
  readonly asked: Asking
  readonly server: Running
  readonly micros: number[]
  readonly rates: number[]
}

/** Processor time of the server per call and calls per second, beside a bare Hono server that sends the same bytes. */
export async function cpu(): Promise<void> {
  const all: Measured[] = []
  const add = (name: string, asked: Asking, server: Running) => all.push({ name, asked, server, micros: [], rates: [] })
  try {
    add('bare node:http', {}, await run(bareHttp(9302)))
    const own = await run(sandbox(9301))
    for (const [i, [name, asked]] of Object.entries(ASKED).entries()) {
      add(name, asked, own)
      add('  bare hono', asked, await sameBytes(9310 + i, own, asked))
    }
    for (const [i, [name, flags]] of Object.entries(VARIANTS).entries())
      add(`List, ${name}`, {}, await run(sandbox(9330 + i, ...flags)))
    for (const { server, asked } of all) await ask(server.port, asked, forCalls(WARM_UP))
    for (let round = 0; round < ROUNDS; round++) for (const one of all) await measure(one)
  } finally {
    for (const { server } of all) await stop(server)
  }
  print(all)
}

async function measure({ server, asked, micros, rates }: Measured): Promise<void> {
  const before = cpuMsOf(server.child.pid!)
  rates.push(await ask(server.port, asked, forCalls(CALLS)))
  micros.push(((cpuMsOf(server.child.pid!) - before) * 1000) / CALLS)
}

function print(all: readonly Measured[]): void {
  const list = median(all.find(({ name }) => name === 'List')!.micros)
  console.log(`Processor time of the server per call, medians of ${ROUNDS} rounds of ${CALLS} calls, in turn`)
  for (const { name, micros, rates } of all) {
    const time = median(micros)
    const cells = [
      `${time.toFixed(1)} µs`,
      `${(time / list).toFixed(2)} of List`,
      `${median(rates).toFixed(0)} calls/s`,
    ]
    console.log(`  ${name.padEnd(22)}${cells.map((cell) => cell.padStart(16)).join('')}`)
  }
}

/** Headers that Node adds by itself. */
const OF_NODE = ['date', 'connection', 'keep-alive', 'content-length']

/** A bare server that answers a call as the sandbox does. */
async function sameBytes(port: number, own: Running, { method = 'GET', path = LIST, headers, body }: Asking) {
  const answer = await fetch(own.url + path, { method, headers: headers ?? HEADERS, body: body?.(-1) ?? null })
  const sent = [...answer.headers].filter(([name]) => !OF_NODE.includes(name))
  return run(bareHono(port, await answer.text(), answer.status, Object.fromEntries(sent)))
}

const TICK_MS = 10

/** Processor time that a process has had, in ms. */
export function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}
