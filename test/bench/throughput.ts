import { Hono } from 'hono'
import { createSandbox } from '../../src/index.js'
import {
  BODY,
  bareHono,
  bareHttp,
  HEADERS,
  inTurn,
  LIST,
  load,
  mockServers,
  type Running,
  run,
  sandbox,
  stop,
} from './targets.js'

/** Requests per second of a List beside other servers, freshly started and warm. */
export async function throughput(): Promise<void> {
  const targets = [sandbox(9101), bareHttp(9102), bareHono(9103), ...mockServers(9110)]
  const running: (Running & { startMs: number; fresh: number })[] = []
  for (const target of targets) {
    const started = await run(target)
    running.push({ ...started, fresh: await load(started, {}) })
  }
  try {
    const [own, ...others] = running as [(typeof running)[number], ...typeof running]
    for (const target of running) await warmUp(target)
    console.log(
      `List, 32 connections, requests per second and wallet-sandbox's as a multiple: first two seconds, then warm, in turn with it`,
    )
    console.log(`  ${own.name.padEnd(16)}start ${ms(own.startMs)}${whole(own.fresh)}`)
    for (const other of others) {
      const warm = await inTurn(
        () => load(own, {}),
        () => load(other, {}),
      )
      console.log(
        `  ${other.name.padEnd(16)}start ${ms(other.startMs)}${whole(other.fresh)} ${times(own.fresh / other.fresh)}${whole(warm.second)} ${times(warm.ratio)}`,
      )
    }
  } finally {
    for (const target of running) await stop(target)
  }
}

/** Loads a server until it gets no faster: a Java machine takes half a minute to compile what it runs. */
async function warmUp(target: Running): Promise<void> {
  let best = 0
  for (let loads = 0, vain = 0; loads < 20 && vain < 3; loads++) {
    const rate = await load(target, {})
    vain = rate > best * 1.05 ? 0 : vain + 1
    best = Math.max(best, rate)
  }
}

const whole = (value: number) => value.toFixed(0).padStart(8)
const ms = (value: number) => `${value.toFixed(0).padStart(5)} ms`
const times = (ratio: number) => `(${ratio.toFixed(2)})`.padStart(8)

/** Calls a second of `sandbox.fetch` beside `app.request` of a bare hono app, in this process. */
export async function inProcess(): Promise<void> {
  await using box = await createSandbox({ scenario: 'instant' })
  const list = JSON.parse(BODY)
  const app = new Hono()
  app.get('/customers/:customer/wallets', (context) => context.json(list))
  const own = () => callsPerSecond(() => box.fetch(`http://localhost${LIST}`, { headers: HEADERS }))
  const bare = () => callsPerSecond(async () => app.request(`http://localhost${LIST}`, { headers: HEADERS }))
  await own()
  await bare()
  const { first, second, ratio } = await inTurn(own, bare)
  console.log(
    `In-process, calls per second: sandbox.fetch ${first.toFixed(0)}, app.request ${second.toFixed(0)}, ratio ${ratio.toFixed(2)}`,
  )
}

async function callsPerSecond(call: () => Promise<Response>): Promise<number> {
  const calls = 10_000
  const start = performance.now()
  for (let i = 0; i < calls; i++) await (await call()).text()
  return (calls / (performance.now() - start)) * 1000
}
