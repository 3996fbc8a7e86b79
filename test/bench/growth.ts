import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BODY, bareHono, load, median, medianRatio, type Running, residentMb, run, sandbox, stop } from './targets.js'

const MILLION = 1_000_000

/** Resident memory after a million requests, beside a bare hono server. */
export async function memory(): Promise<void> {
  const running = [await run(sandbox(9121)), await run(bareHono(9122))]
  try {
    console.log('Resident memory, MB: at start, after a million requests')
    const after: number[] = []
    for (const target of running) {
      const before = residentMb(target)
      await load(target, { amount: MILLION })
      after.push(residentMb(target))
      console.log(`  ${target.name.padEnd(16)}${before.toFixed(0).padStart(6)}${after.at(-1)!.toFixed(0).padStart(6)}`)
    }
    console.log(`  ratio ${(after[0]! / after[1]!).toFixed(2)}`)
  } finally {
    for (const target of running) await stop(target)
  }
}

/** Customers of three wallets each, among them the one that the load asks for. */
function manyCustomers(customers: number): string {
  const list = JSON.parse(BODY) as { list: { sub_details: object[] }[] }
  if (list.list.length === 0) throw new Error('the sample is empty')
  const at = '2023-09-11T08:29:47Z'
  const wallet = (id: string, name: string) => ({
    id,
    wallet: name,
    linked: true,
    balance: 100,
    lastRefreshed: at,
    subDetails: [{ paymentMethod: name, balance: 100, lastRefreshed: at }],
  })
  const customer = (id: string, n: string) => ({
    id,
    wallets: ['MOBIKWIK', 'PAYTM', 'PHONEPE'].map((name) => wallet(`wlt_${name}${n}`, name)),
  })
  const all = Array.from({ length: customers }, (_, i) => customer(`cst_${i}`, String(i).padStart(8, '0')))
  all.push(customer('guest_user', 'guest'))
  const file = join(mkdtempSync(join(tmpdir(), 'wallet-sandbox-bench-')), `${customers}.json`)
  writeFileSync(
    file,
    JSON.stringify({ merchants: [{ id: 'acme', juspayApiKeys: [{ key: 'acme_test_key' }], customers: all }] }),
  )
  return file
}

/** Start, memory and speed on states of 1, 100,000 and a third of a million customers. */
export async function growth(): Promise<void> {
  const sizes = [1, 100_000, 333_333]
  const running: (Running & { startMs: number })[] = []
  for (const [i, size] of sizes.entries()) running.push(await run(sandbox(9131 + i, '--fixtures', manyCustomers(size))))
  try {
    const idle = running.map(residentMb)
    const rates: number[][] = running.map(() => [])
    for (let round = 0; round < 5; round++)
      for (const [i, target] of running.entries()) rates[i]!.push(await load(target, {}))
    console.log('Growth with the state: start, memory per wallet over the smallest, requests per second')
    for (const [i, size] of sizes.entries()) {
      const perWallet = i === 0 ? '' : `${(((idle[i]! - idle[0]!) * 1024 * 1024) / (size * 3)).toFixed(0)} B`
      const ratio = medianRatio(rates[i]!, rates[0]!)
      console.log(
        `  ${String(size * 3).padStart(8)} wallets  start ${(running[i]!.startMs / 1000).toFixed(2)} s  ${perWallet.padStart(7)}  ${median(rates[i]!).toFixed(0)} (${ratio.toFixed(2)})`,
      )
    }
  } finally {
    for (const target of running) await stop(target)
  }
}
