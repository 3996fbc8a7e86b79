import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSandbox, type Sandbox } from '../../src/index.js'
import { DataFolder } from '../../src/store/data/folder.js'
import { State, seedOf } from '../../src/store/state.js'
import { AUTHORISED, fixturesOf, MERCHANT, walletId } from '../store/customers.js'

/** What a stored change costs, with a small state and with one of 100,000 wallets that are all on disk. */

const SMALL = 64
const LARGE = 100_000
const CHANGES = 1_000

/** Changes per second: each draws a token, which is on disk when it is answered. */
async function changesPerSecond(
  sandbox: Sandbox,
  customers: number,
  clients: number,
  changes: number,
): Promise<number> {
  let next = 0
  const client = async () => {
    while (next < changes) {
      const url = `http://localhost/wallets/${walletId((next++ * 7919) % customers)}`
      const response = await sandbox.fetch(url, { headers: AUTHORISED })
      if (response.status !== 200) throw new Error(`answered ${response.status}: ${await response.text()}`)
    }
  }
  const start = performance.now()
  await Promise.all(Array.from({ length: clients }, client))
  return changes / ((performance.now() - start) / 1_000)
}

/** A folder in which every one of the customers is stored. */
async function stored(folder: string, customers: number): Promise<string> {
  const data = await DataFolder.open(folder)
  const [merchant] = fixturesOf(customers).merchants
  const state = new State(seedOf(merchant!), data.merchant(MERCHANT, { made: false, merchant: { id: MERCHANT } }))
  await state.committed(() => state.reset(seedOf(merchant!)))
  await data.close()
  return folder
}

export interface DataFigures {
  /** By number of clients. */
  readonly changesPerSecond: Readonly<Record<number, number>>
  /** Cost of one change with 100,000 wallets stored, over that with 64. */
  readonly largeOverSmall: number
  /** Time to open the folder with 100,000 wallets, in ms. */
  readonly reopenMs: number
}

export async function benchData(): Promise<DataFigures> {
  const place = mkdtempSync(join(tmpdir(), 'bench-data-'))
  try {
    const open = async (wallets: number) => {
      const data = await stored(join(place, String(wallets)), wallets)
      return createSandbox({ fixtures: fixturesOf(1), data, latency: 'off', tokenTtl: 0, journalSize: 0 })
    }
    const small = await open(SMALL)
    await changesPerSecond(small, SMALL, 32, CHANGES)
    const rates: Record<number, number> = {}
    for (const clients of [1, 32, 256]) rates[clients] = await changesPerSecond(small, SMALL, clients, CHANGES)
    const large = await open(LARGE)
    // In turns, so that what else the machine does falls on both alike.
    const seconds = { small: 0, large: 0 }
    for (let turn = 0; turn < 5; turn++) {
      seconds.small += 1 / (await changesPerSecond(small, SMALL, 1, CHANGES / 5))
      seconds.large += 1 / (await changesPerSecond(large, LARGE, 1, CHANGES / 5))
    }
    await small.close()
    await large.close()
    const start = performance.now()
    await (await DataFolder.open(join(place, String(LARGE)))).close()
    return {
      changesPerSecond: rates,
      largeOverSmall: seconds.large / seconds.small,
      reopenMs: performance.now() - start,
    }
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

if (process.argv[1]?.endsWith('bench/data.ts')) {
  const figures = await benchData()
  for (const [clients, rate] of Object.entries(figures.changesPerSecond))
    console.log(`${clients.padStart(4)} clients: ${Math.round(rate)} stored changes a second`)
  console.log(
    `a change with ${LARGE} wallets stored costs ${figures.largeOverSmall.toFixed(2)} times one with ${SMALL}`,
  )
  console.log(`opening ${LARGE} stored wallets: ${Math.round(figures.reopenMs)} ms`)
}
