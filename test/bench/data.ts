import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSandbox, type Sandbox } from '../../src/index.js'
import { keyListsOf } from '../../src/merchants/merchant.js'
import { DataFolder } from '../../src/store/data/folder.js'
import { baselineOf, State } from '../../src/store/state.js'
import { AUTHORISED, fixturesOf, MERCHANT, walletId } from '../store/customers.js'

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
  const opened = await DataFolder.open(folder)
  const [merchant] = fixturesOf(customers).merchants
  const facts = { made: false, merchant: { id: MERCHANT, ...keyListsOf(merchant!) } }
  const state = new State(baselineOf(merchant!), opened.merchant(MERCHANT, facts))
  await state.committed(() => state.reset(baselineOf(merchant!)))
  await opened.close()
  return folder
}

/** What a stored change costs, with a small state and with one of 100,000 wallets that are all on disk. */
export async function data(): Promise<void> {
  const place = mkdtempSync(join(tmpdir(), 'bench-data-'))
  try {
    const open = async (wallets: number) => {
      const folder = await stored(join(place, String(wallets)), wallets)
      return createSandbox({ fixtures: fixturesOf(1), data: folder, latency: 'off', tokenTtl: 0, journalSize: 0 })
    }
    const small = await open(SMALL)
    await changesPerSecond(small, SMALL, 32, CHANGES)
    for (const clients of [1, 32, 256]) {
      const rate = await changesPerSecond(small, SMALL, clients, CHANGES)
      console.log(`${String(clients).padStart(4)} clients: ${rate.toFixed(0)} stored changes a second`)
    }
    const large = await open(LARGE)
    // In turns, so that what else the machine does falls on both alike.
    const seconds = { small: 0, large: 0 }
    for (let turn = 0; turn < 5; turn++) {
      seconds.small += 1 / (await changesPerSecond(small, SMALL, 1, CHANGES / 5))
      seconds.large += 1 / (await changesPerSecond(large, LARGE, 1, CHANGES / 5))
    }
    await small.close()
    await large.close()
    const ratio = seconds.large / seconds.small
    console.log(`a change with ${LARGE} wallets stored costs ${ratio.toFixed(2)} times one with ${SMALL}`)
    const start = performance.now()
    await (await DataFolder.open(join(place, String(LARGE)))).close()
    console.log(`opening ${LARGE} stored wallets: ${(performance.now() - start).toFixed(0)} ms`)
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}
