import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { InputError } from './errors.js'
import { isYaml } from './files.js'
import { clearInterval, setInterval } from './timers.js'

/**
 * How often a watched path is looked at, in ms. Looking works where the system's own notices do not arrive: on network
 * and container mounts, and for editors that put a new file in the old one's place.
 */
const INTERVAL_MS = 200

/**
 * Calls `reload` when one of the files, or something in a folder, has other content and has then rested for a moment.
 * @param paths empty for the shipped files, and for values given in-process
 * @param reload returns what is to be watched from then on; its faults are reported, and what was there before stays
 * @returns stops watching
 */
export function watch(paths: readonly string[], reload: () => Promise<readonly string[]>): () => void {
  if (paths.length === 0) return () => {}
  let watched = paths
  let state = stateOf(watched)
  let content = contentOf(watched)
  let isEdited = false
  let busy = false
  const look = async () => {
    const before = state
    state = stateOf(watched)
    if (state !== before) isEdited = true
    if (busy || !isEdited || state !== before) return
    isEdited = false
    const read = content
    content = contentOf(watched)
    if (content === read) return
    busy = true
    try {
      const now = await reload()
      if (now.join() === watched.join()) return
      watched = now
      content = contentOf(watched)
    } catch (error) {
      const lines = error instanceof InputError ? error.lines : [`${watched[0]}: ${(error as Error).message}`]
      for (const line of lines) process.stderr.write(`wallet-sandbox: ${line} (the last good ones stay in use)\n`)
    } finally {
      busy = false
    }
  }
  const timer = setInterval(() => void look(), INTERVAL_MS)
  timer.unref()
  return () => clearInterval(timer)
}

/** A text that differs when a file, or a file of a folder, was written or replaced. */
const stateOf = (paths: readonly string[]) => paths.map((path) => described(path, (_, stats) => mark(stats))).join()

/** A text that differs when what is read of them does: of a folder the JSON and YAML files. */
const contentOf = (paths: readonly string[]) => paths.map((path) => described(path, digestIn(path))).join()

const digestIn = (path: string) => (file: string, stats: Stats) => {
  const isRead = stats.isFile() && (file === path || file.endsWith('.json') || isYaml(file))
  return isRead ? createHash('sha256').update(readFileSync(file)).digest('base64') : ''
}

/** The faults and warnings of a file, or of each file of a folder. */
function described(path: string, describe: (file: string, stats: Stats) => string): string {
  try {
    const stats = statSync(path)
    if (!stats.isDirectory()) return describe(path, stats)
    return readdirSync(path)
      .map((name) => {
        const file = join(path, name)
        // A link to nothing may stand in a folder for ever.
        const stats = statSync(file, { throwIfNoEntry: false })
        return `${name} ${stats === undefined ? '' : describe(file, stats)}`
      })
      .join('\n')
  } catch {
    return '' // Not there, or going away at this moment: an editor may be replacing it.
  }
}

const mark = ({ ino, size, mtimeMs }: Stats) => `${ino} ${size} ${mtimeMs}`
