import { readFileSync } from 'node:fs'
import { balance, isHere } from '../scaling/fleet.js'
import { cpuMsOf } from './cpu.js'
import { ask, forCalls } from './sockets.js'
import { HEADERS, median, type Running, run, sandbox, stop } from './targets.js'

const ROUNDS = 5
const CALLS = 12_000
const WARM_UP = 20_000

/** Enough for every process to have a share. */
const KEYS = Array.from({ length: 8 }, (_, n) => `sandbox_user-${n}`)

interface Way {
  readonly name: string
  readonly port: number
  readonly sandboxes: readonly Running[]
  /** Processes of the balancer. */
  readonly balancer: readonly number[]
  readonly rates: number[]
  readonly sandboxMicros: number[]
  readonly balancerMicros: number[]
}

/** What a second process gives, and what a balancer costs: on two cores, which client and balancer need too. */
export async function replicas(): Promise<void> {
  if (!isHere('nginx')) return console.log('no nginx is here; apt-get install nginx-light')
  const fleet = [await run(sandbox(9341)), await run(sandbox(9342))]
  const first = fleet.slice(0, 1)
  const [alone, split] = [await balance('nginx', first), await balance('nginx', fleet)]
  const way = (name: string, port: number, sandboxes: readonly Running[], balancer: readonly number[]): Way => ({
    name,
    port,
    sandboxes,
    balancer,
    rates: [],
    sandboxMicros: [],
    balancerMicros: [],
  })
  const ways = [
    way('one process', 9341, first, []),
    way('one behind nginx', portOf(alone.url), first, family(alone.pid)),
    way('two behind nginx', portOf(split.url), fleet, family(split.pid)),
  ]
  try {
    for (const { port } of ways) await askAll(port, WARM_UP)
    for (let round = 0; round < ROUNDS; round++) for (const one of ways) await measure(one)
  } finally {
    for (const balancer of [alone, split]) await balancer.end()
    for (const one of fleet) await stop(one)
  }
  console.log(`One process, and two behind nginx: medians of ${ROUNDS} rounds of ${CALLS} Lists, in turn`)
  for (const { name, rates, sandboxMicros, balancerMicros } of ways) {
    const cells = [
      `${median(rates).toFixed(0)} calls/s`,
      `${median(sandboxMicros).toFixed(1)} µs in sandboxes`,
      `${median(balancerMicros).toFixed(1)} µs in nginx`,
    ]
    console.log(`  ${name.padEnd(18)}${cells.map((cell) => cell.padStart(22)).join('')}`)
  }
}

async function measure({ port, sandboxes, balancer, rates, sandboxMicros, balancerMicros }: Way): Promise<void> {
  const own = sandboxes.map(({ child }) => child.pid!)
  const before = [cpuOf(own), cpuOf(balancer)] as const
  rates.push(await askAll(port, CALLS))
  sandboxMicros.push(((cpuOf(own) - before[0]) * 1000) / CALLS)
  balancerMicros.push(((cpuOf(balancer) - before[1]) * 1000) / CALLS)
}

/** Calls of every key at once. @returns calls a second */
async function askAll(port: number, calls: number): Promise<number> {
  const wanted = forCalls(calls)
  const rates = await Promise.all(
    KEYS.map((key) => ask(port, { headers: { ...HEADERS, authorization: `Basic ${btoa(`${key}:`)}` } }, wanted)),
  )
  return rates.reduce((sum, rate) => sum + rate, 0)
}

const cpuOf = (pids: readonly number[]) => pids.reduce((sum, pid) => sum + cpuMsOf(pid), 0)

/** A process and its children. */
const family = (pid: number): number[] => [
  pid,
  ...readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
]

const portOf = (url: string) => Number(new URL(url).port)
