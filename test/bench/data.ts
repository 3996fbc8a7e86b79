import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSandbox, type Sandbox } from '../../src/index.js'
import { DataFolder } from '../../src/store/folder.js'
import { baselineOf, State } from '../../src/store/state.js'
import { AUTHORISED, fixturesOf, RECORD, walletId } from '../store/customers.js'

const SMALL = 64
const WALLETS = 10_000
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

const CHANGED = [0, 1_000, 10_000] as const

/** A folder in which so many of the customers are changed. */
async function changed(folder: string, customers: number): Promise<string> {
  const opened = await DataFolder.open(folder)
  const state = new State(baselineOf(fixturesOf(WALLETS).merchants[0]!), opened.database(RECORD))
  const some = [...state.named()].slice(0, customers).map(({ id }) => state.customer(id)!)
  await state.committed(() =>
    some.map((customer) => state.put({ ...customer, objectReferenceId: `ref-${customer.id}` })),
  )
  await opened.close()
  return folder
}

/** What a stored change costs, by clients, and by how many customers were changed before. */
export async function data(): Promise<void> {
  const place = mkdtempSync(join(tmpdir(), 'bench-data-'))
  const options = { latency: 'off', tokenTtl: 0, journalSize: 0 } as const
  try {
    const small = await createSandbox({ ...options, fixtures: fixturesOf(SMALL), data: join(place, 'small') })
    await changesPerSecond(small, SMALL, 32, CHANGES)
    for (const clients of [1, 32, 256]) {
      const rate = await changesPerSecond(small, SMALL, clients, CHANGES)
      console.log(`${String(clients).padStart(4)} clients: ${rate.toFixed(0)} stored changes a second`)
    }
    await small.close()
    for (const count of CHANGED) {
      const folder = await changed(join(place, String(count)), count)
      const start = performance.now()
      const sandbox = await createSandbox({ ...options, fixtures: fixturesOf(WALLETS), data: folder })
      const opening = performance.now() - start
      const [one, many] = [
        await changesPerSecond(sandbox, SMALL, 1, CHANGES / 5),
        await changesPerSecond(sandbox, SMALL, 32, CHANGES),
      ]
      await sandbox.close()
      console.log(
        `${String(count).padStart(6)} of ${WALLETS} customers changed: ${(1_000 / one).toFixed(2)} ms a change, ${many.toFixed(0)} a second at 32 clients, opened in ${opening.toFixed(0)} ms`,
      )
    }
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}
