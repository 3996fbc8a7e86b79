import { bareHono, bareHttp, median, medianRatio, mockServers, run, sandbox, stop, type Target } from './targets.js'

const ROUNDS = 15

/** Milliseconds from the start of the process to the first answered request. */
async function startUp(target: Target): Promise<number> {
  const running = await run(target)
  await stop(running)
  return running.startMs
}

/**
 * Start-up beside bare servers and the mock server that starts fastest, which loads the shipped fixtures too. In turn, so
 * that what else the machine does falls on all.
 */
export async function startup(): Promise<void> {
  const jsonServer = mockServers(9210).filter(({ name }) => name === 'json-server')
  const targets = [sandbox(9201), bareHttp(9202), bareHono(9203), ...jsonServer]
  const times = targets.map((): number[] => [])
  for (let round = -1; round < ROUNDS; round++)
    for (const [i, target] of targets.entries()) {
      const elapsed = await startUp(target)
      // The first round fills the caches of the file system.
      if (round >= 0) times[i]!.push(elapsed)
    }
  console.log(`Start-up, process start to first answer, medians of ${ROUNDS} rounds`)
  for (const [i, { name }] of targets.entries()) {
    const ratio = medianRatio(times[0]!, times[i]!)
    console.log(
      `  ${name.padEnd(16)}${median(times[i]!).toFixed(0).padStart(6)} ms   wallet-sandbox is ${ratio.toFixed(2)} of it`,
    )
  }
}
