import { readdirSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { InputError } from './errors.js'
import { clearInterval, setInterval } from './timers.js'

/**
 * How often a watched path is looked at, in ms. Looking works where the system's own notices do not arrive: on network
 * and container mounts, and for editors that put a new file in the old one's place.
 */
const INTERVAL_MS = 200

/**
 * Calls `reload` when a file, or something in a folder, has changed and has then rested for a moment.
 *
 * @param path nothing is watched where it is no text: the shipped files, and values given in-process
 * @param reload its faults are reported, and what was there before stays
 * @returns stops watching
 */
export function watch(
  path: unknown,
  reload: () => Promise<void>,
  report: (line: string) => void = (line) => process.stderr.write(`wallet-sandbox: ${line}\n`),
): () => void {
  if (typeof path !== 'string') return () => {}
  let used = stateOf(path)
  let last = used
  let busy = false
  const look = async () => {
    const now = stateOf(path)
    const standsStill = now === last
    last = now
    if (busy || now === used || !standsStill) return
    busy = true
    used = now
    try {
      await reload()
    } catch (error) {
      const lines = error instanceof InputError ? error.lines : [`${path}: ${(error as Error).message}`]
      for (const line of lines) report(`${line} (the last good ones stay in use)`)
    } finally {
      busy = false
    }
  }
  const timer = setInterval(() => void look(), INTERVAL_MS)
  timer.unref()
  return () => clearInterval(timer)
}

/** A text that differs when a file, or a file of a folder, was written or replaced. */
function stateOf(path: string): string {
  try {
    const stats = statSync(path)
    if (!stats.isDirectory()) return mark(stats)
    return readdirSync(path)
      .map((name) => `${name} ${markOf(join(path, name))}`)
      .join('\n')
  } catch {
    return '' // Not there, or going away at this moment: an editor may be replacing it.
  }
}

/** A link to nothing may stand in a folder for ever. */
function markOf(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats === undefined ? '' : mark(stats)
}

const mark = ({ ino, size, mtimeMs }: Stats) => `${ino} ${size} ${mtimeMs}`
