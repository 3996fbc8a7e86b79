import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createSandbox, type Scenario } from '../../src/index.js'
import { type Quantile, quantileOf, scheduledShares } from '../../src/scenarios/latency.js'
import { VENDORS } from '../../src/vendors/index.js'
import type { Load, Measured } from './latency-client.js'

const CLIENTS = 50
const CALLS = 20_000
const POINTS = ['50', '90', '99', '99.9'] as const
const PATHS = {
  'juspay.getWallet': '/wallets/wlt_q23xzki3pazgtezo',
  'juspay.listWallets': '/customers/cth_eN4e4kR12CJV/wallets',
}
const AUTHORIZATION = `Basic ${btoa('acme_test_key:')}`

const ms = (value: number) => value.toFixed(2).padStart(10)

/** The least value that a share of all is not above. */
const percentile = (sorted: readonly number[], percent: number) =>
  sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length - 1e-6) - 1)]!

/** Runs a load in a process of its own, whose work must not be the server's. */
async function measuredBy(
  client: ChildProcess,
  load: Partial<Load> & { port: number; path: string },
): Promise<Measured> {
  client.send({ authorization: AUTHORIZATION, clients: CLIENTS, calls: CALLS, ...load })
  const [took] = (await once(client, 'message')) as [Measured]
  return took.toSorted((a, b) => a - b)
}

/** The same delays, waited for as most mock servers do. */
async function timeoutServer(table: Readonly<Record<string, number>>) {
  const quantile = quantileOf({ percentiles: table }) as Quantile
  const shareOf = scheduledShares(1, 'plain')
  let calls = 0
  const server = createServer((_, response) => {
    setTimeout(() => response.end('{}'), quantile(shareOf(calls++)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

/** Published, drawn and measured percentiles of one operation, next to what others would show. */
async function compare(client: ChildProcess, operation: keyof typeof PATHS): Promise<void> {
  const { percentiles } = VENDORS.flatMap(({ operations }) => operations).find(({ id }) => id === operation)!.latency!
  const quantile = quantileOf({ percentiles }) as Quantile
  const shareOf = scheduledShares(1, 'latency', 'acme', operation)
  const drawn = Array.from({ length: CALLS }, (_, k) => quantile(shareOf(k))).sort((a, b) => a - b)
  const sandbox = await createSandbox()
  const port = Number(new URL(await sandbox.listen()).port)
  const measured = await measuredBy(client, { port, path: PATHS[operation] })
  await sandbox.close()
  const plain = await timeoutServer(percentiles)
  const plainly = await measuredBy(client, { port: (plain.address() as AddressInfo).port, path: '/' })
  plain.close()
  const lognormal = quantileOf({ lognormal: { median: percentiles['50']!, 99: percentiles['99']! } }) as Quantile

  console.log(`\n${operation}, ${CLIENTS} clients, ${CALLS} calls (ms)`)
  console.log('           published     drawn  measured       off            lognormal  setTimeout')
  for (const point of POINTS) {
    const published = percentiles[point]!
    const shown = percentile(measured, Number(point))
    const allowed = point === '99.9' ? published * 0.05 : Math.max(1, published * 0.02)
    const verdict = Math.abs(shown - published) <= allowed ? 'within ' : 'BEYOND '
    const row = [published, percentile(drawn, Number(point)), shown, shown - published].map(ms).join('')
    const others = [lognormal(Number(point) / 100), percentile(plainly, Number(point))].map(ms).join('  ')
    console.log(`TP${point.padEnd(8)}${row}  ${verdict}${allowed.toFixed(2).padStart(5)}${others}`)
  }
}

const WAITING = 1000
const FIRST_DUE_MS = 3000
const LAST_DUE_MS = 6000

/** The share of a core that the server takes while a thousand requests wait. */
async function waiting(client: ChildProcess): Promise<void> {
  const scenario: Scenario = { name: 'waiting', latency: { '*': { uniform: { min: FIRST_DUE_MS, max: LAST_DUE_MS } } } }
  const sandbox = await createSandbox({ scenario })
  const port = Number(new URL(await sandbox.listen()).port)
  const done = measuredBy(client, { port, path: PATHS['juspay.getWallet'], clients: WAITING, calls: WAITING })
  await sleep(1000)
  const idle = await cpuShare(FIRST_DUE_MS - 1500)
  await sleep(500)
  const due = await cpuShare(LAST_DUE_MS - FIRST_DUE_MS - 500)
  await done
  await sandbox.close()
  console.log(`\n${WAITING} requests waiting: ${percent(idle)} of a core while none is due (target: below 25 %),`)
  console.log(`${percent(due)} while one comes due every ${(LAST_DUE_MS - FIRST_DUE_MS) / WAITING} ms and is answered`)
}

const percent = (share: number) => `${(share * 100).toFixed(1)} %`

async function cpuShare(forMs: number): Promise<number> {
  const before = process.cpuUsage()
  const start = performance.now()
  await sleep(forMs)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000 / (performance.now() - start)
}

/** Prints how near the latency that clients measure comes to the published tables, and what waiting costs. */
export async function latency(): Promise<void> {
  const client = fork(fileURLToPath(new URL('./latency-client.ts', import.meta.url)))
  try {
    for (const operation of Object.keys(PATHS) as (keyof typeof PATHS)[]) await compare(client, operation)
    await waiting(client)
  } finally {
    client.disconnect()
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await latency()
