import { Hono } from 'hono'
import { createSandbox } from '../../src/index.js'
import {
  BODY,
  bareHono,
  bareHttp,
  HEADERS,
  LIST,
  type Load,
  load,
  median,
  mockServers,
  type Running,
  run,
  sandbox,
  stop,
} from './targets.js'

const ROUNDS = 5

/** Requests per second, the servers in turn, and what they are as shares of each other. */
export async function throughput(): Promise<void> {
  const targets = [sandbox(9101), bareHttp(9102), bareHono(9103), ...mockServers(9110)]
  const running: (Running & { startMs: number })[] = []
  for (const target of targets) running.push(await run(target))
  try {
    const rates = new Map<string, number[]>(running.map(({ name }) => [name, []]))
    for (const target of running) await load(target, { seconds: 1 })
    for (let round = 0; round < ROUNDS; round++)
      for (const target of running) rates.get(target.name)!.push(await load(target, {}))
    const own = median(rates.get('wallet-sandbox')!)
    console.log(`List, 32 connections, requests per second, medians of ${ROUNDS} rounds in turn`)
    for (const { name, startMs } of running) {
      const rate = median(rates.get(name)!)
      console.log(
        `  ${name.padEnd(16)}${rate.toFixed(0).padStart(8)}   wallet-sandbox is ${(own / rate).toFixed(2)} of it   start ${startMs.toFixed(0)} ms`,
      )
    }
    await otherCalls(running[0]!)
  } finally {
    for (const target of running) await stop(target)
  }
}

const FORM = { ...HEADERS, 'content-type': 'application/x-www-form-urlencoded' }

/** Beside List: calls that read, write and refuse. */
const CALLS: Readonly<Record<string, { load: Load; expected?: string }>> = {
  List: { load: {} },
  Get: { load: { path: '/wallets/wlm_vUtyjb78klnU8l' } },
  'Refresh all': { load: { path: '/customers/cth_eN4e4kR12CJV/wallets/refresh-balances' } },
  '401': { load: { headers: { authorization: `Basic ${btoa('no_such_key:')}` } }, expected: '4xx' },
  'POST refresh': {
    load: { path: '/wallets/wlm_vUtyjb78klnU8l', method: 'POST', headers: FORM, body: 'command=refresh' },
  },
}

async function otherCalls(target: Running): Promise<void> {
  const rates = new Map<string, number[]>(Object.keys(CALLS).map((name) => [name, []]))
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, call] of Object.entries(CALLS))
      rates.get(name)!.push(await load(target, call.load, call.expected))
  const list = median(rates.get('List')!)
  console.log('wallet-sandbox, other calls beside List')
  for (const [name, values] of rates)
    console.log(
      `  ${name.padEnd(16)}${median(values).toFixed(0).padStart(8)}   ${(median(values) / list).toFixed(2)} of List`,
    )
}

/** Calls a second of `sandbox.fetch` beside `app.request` of a bare hono app, in this process. */
export async function inProcess(): Promise<void> {
  await using box = await createSandbox({ scenario: 'instant' })
  const list = JSON.parse(BODY)
  const app = new Hono()
  app.get('/customers/:customer/wallets', (context) => context.json(list))
  const contenders = {
    'sandbox.fetch': () => box.fetch(`http://localhost${LIST}`, { headers: HEADERS }),
    'app.request': async () => app.request(`http://localhost${LIST}`, { headers: HEADERS }),
  }
  const rates: Record<string, number[]> = { 'sandbox.fetch': [], 'app.request': [] }
  for (let round = -1; round < ROUNDS; round++)
    for (const [name, call] of Object.entries(contenders)) {
      const rate = await callsPerSecond(call)
      if (round >= 0) rates[name]!.push(rate)
    }
  const [own, bare] = [median(rates['sandbox.fetch']!), median(rates['app.request']!)]
  console.log(
    `In-process, calls per second: sandbox.fetch ${own.toFixed(0)}, app.request ${bare.toFixed(0)}, ratio ${(own / bare).toFixed(2)}`,
  )
}

async function callsPerSecond(call: () => Promise<Response>): Promise<number> {
  const calls = 10_000
  const start = performance.now()
  for (let i = 0; i < calls; i++) await (await call()).text()
  return (calls / (performance.now() - start)) * 1000
}
