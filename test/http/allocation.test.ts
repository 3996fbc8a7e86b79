import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Asking, ask, forCalls } from '../bench/sockets.js'
import { HEADERS } from '../bench/targets.js'
import { ROOT } from '../build.js'
import { every } from '../every.js'

/** What a call makes in memory is the same on every machine, however busy it is; its time is not. */

const SERVER = `
import { createSandbox } from 'file://${ROOT}dist/index.js'
const sandbox = await createSandbox({ latency: 'off', journalSize: 50_000 })
process.on('message', (collects) => {
  if (collects) gc()
  process.send(process.memoryUsage().heapUsed)
})
process.send(await sandbox.listen())
`

/** So much young memory that none is collected between two looks at it. */
const FLAGS = ['--expose-gc', '--min-semi-space-size=64', '--max-semi-space-size=64']

const WARM_UP = 3000
const CALLS = 1000

let child: ChildProcess
let port: number

const told = async () => ((await once(child, 'message')) as [never])[0]

beforeAll(async () => {
  const argv = [...FLAGS, '--input-type=module', '--eval', SERVER]
  child = spawn(process.execPath, argv, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  port = Number(new URL(await told()).port)
})

afterAll(() => child.kill())

async function heap(collects: boolean): Promise<number> {
  child.send(collects)
  return told()
}

/** Bytes that a call makes, and those of them that are kept. */
async function measured(asked: Asking): Promise<[made: number, kept: number]> {
  const before = await heap(true)
  await ask(port, asked, forCalls(CALLS))
  const made = (await heap(false)) - before
  return [made / CALLS, ((await heap(true)) - before) / CALLS]
}

/** The least of two rounds: what V8 compiles, or what doubles, in one of them is not the calls'. */
async function bytesOf(asked: Asking): Promise<{ made: number; kept: number }> {
  await ask(port, asked, forCalls(WARM_UP))
  const [first, second] = [await measured(asked), await measured(asked)]
  return { made: Math.min(first[0], second[0]), kept: Math.min(first[1], second[1]) }
}

const WALLET = '/wallets/wlm_vUtyjb78klnU8l'
const WRONG_KEY = { authorization: `Basic ${btoa('no_such_key:')}` }
const FORM = { ...HEADERS, 'content-type': 'application/x-www-form-urlencoded' }
const REFRESH: Asking = { method: 'POST', path: WALLET, headers: FORM, body: () => 'command=refresh' }

const ORDER: Asking = {
  method: 'POST',
  path: '/orders',
  headers: FORM,
  body: (n) => `order_id=${n}-${Date.now()}&amount=100.00&currency=INR&customer_email=a%40example.com`,
}

/** What is asked, and the bytes that a call may make and keep: somewhat more than it does. The journal takes all of them. */
const ASKED: readonly (readonly [string, Asking, number, number])[] = [
  ['List', {}, 22_500, 1_200],
  ['Get', { path: WALLET }, 22_500, 1_200],
  ['401', { headers: WRONG_KEY, status: 401 }, 26_000, 1_500],
  ['POST refresh', REFRESH, 27_400, 2_000],
  ['POST /orders', ORDER, 31_000, 2_400],
]

test('a call makes and keeps only so many bytes', { timeout: 60_000 }, () =>
  every(ASKED, async ([, asked, mostMade, mostKept]) => {
    const { made, kept } = await bytesOf(asked)
    expect(made).toBeLessThan(mostMade)
    expect(kept).toBeLessThan(mostKept)
  }),
)
