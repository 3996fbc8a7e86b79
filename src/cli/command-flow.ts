import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { environmentWith } from '../config.js'
import type { Flow } from '../explore/options.js'
import { plainReason } from '../lib/files.js'
import { jsonOf } from '../lib/json.js'

/** What a command exits with that cannot know yet: EX_TEMPFAIL. */
const PENDING = 75
/** How much of what a command writes is kept, in characters. */
const KEPT = 65_536

const lastLine = (text: string, about = /\S/) =>
  text
    .split('\n')
    .findLast((line) => about.test(line))
    ?.trim()

/** The exit status says how it ended, and the last line of the output what it says. @param command a text is for the shell */
export const commandFlow =
  (command: readonly string[] | string): Flow =>
  async ({ url, key, merchantId, responseKey, job, signal }) => {
    const own = { WALLETS_URL: url, WALLET_SANDBOX_KEY: key, WALLETS_MERCHANT: merchantId }
    const env = environmentWith({ ...own, WALLETS_RESPONSE_KEY: responseKey, WALLETS_JOB: String(job) })
    const [program, ...args] = [command].flat()
    const shell = typeof command === 'string'
    // In a group of its own, so that what it starts ends with it.
    const child = spawn(program!, args, { env, shell, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    const written = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const)
      child[name].setEncoding('utf8').on('data', (piece) => {
        written[name] = (written[name] + piece).slice(-KEPT)
      })
    const end = () => {
      try {
        process.kill(-child.pid!, 'SIGKILL')
      } catch {
        // All of it has ended.
      }
    }
    signal.addEventListener('abort', end)
    child.on('exit', end)
    const [status] = await once(child, 'close').catch((error) => {
      throw new Error(`${program}: ${plainReason(error)}`)
    })
    signal.removeEventListener('abort', end)
    if (status === 0) return jsonOf(lastLine(written.stdout) ?? '')
    if (status === PENDING) return { outcome: 'pending' }
    const text = `${written.stdout}\n${written.stderr}`
    const reason = lastLine(text, /Error/) ?? lastLine(text) ?? 'no output'
    throw new Error(`exit ${status ?? 'by a signal'}: ${reason}`)
  }
