import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { BODY, HEADERS, LIST, median } from './targets.js'

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

const CONTENDERS = {
  bare: [path('./bare-hono.mjs'), '0', BODY],
  sandbox: [path('../../dist/bin.js'), '--port', '0', '--latency', 'off', '--log', 'silent'],
} as const
type Contender = keyof typeof CONTENDERS

const ROUNDS = 15

/** Milliseconds from the start of the process to the first answered request. */
async function startUp(argv: readonly string[]): Promise<number> {
  const start = performance.now()
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  const response = await fetch(`${line.split(' ').at(-1)}${LIST}`, { headers: HEADERS })
  await response.text()
  const elapsed = performance.now() - start
  if (response.status !== 200) throw new Error(`${argv[0]} answered ${response.status}`)
  child.kill('SIGTERM')
  await once(child, 'exit')
  return elapsed
}

/** Start-up beside a bare server of the same framework, in turn, so that what else the machine does falls on both. */
export async function startup(): Promise<void> {
  const times: Record<Contender, number[]> = { bare: [], sandbox: [] }
  for (let round = -1; round < ROUNDS; round++)
    for (const name of ['bare', 'sandbox'] as const) {
      const elapsed = await startUp(CONTENDERS[name])
      // The first round fills the caches of the file system.
      if (round >= 0) times[name].push(elapsed)
    }
  const [bare, sandbox] = [median(times.bare), median(times.sandbox)]
  const ratio = median(times.sandbox.map((time, i) => time / times.bare[i]!))
  console.log(`Start-up, process start to first answer, medians of ${ROUNDS} rounds`)
  console.log(`  bare hono server  ${bare.toFixed(0)} ms`)
  console.log(`  wallet-sandbox    ${sandbox.toFixed(0)} ms`)
  console.log(`  ratio             ${(sandbox / bare).toFixed(2)} (round by round: ${ratio.toFixed(2)})`)
}
