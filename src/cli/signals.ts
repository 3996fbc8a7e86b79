import { once } from 'node:events'

/** Resolves at the first SIGTERM or SIGINT. A second one ends the process as it does by default. */
export async function stopSignal(): Promise<void> {
  const waiting = new AbortController()
  await Promise.race(['SIGTERM', 'SIGINT'].map((name) => once(process, name, { signal: waiting.signal })))
  waiting.abort()
}
