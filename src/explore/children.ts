import { spawn } from 'node:child_process'
import { environmentWith } from '../config.js'
import { jsonOf } from '../lib/json.js'
import type { Flow } from './options.js'

/** A command as a flow: its exit status says how it ended, and the last line of its output what it says. */

/** What a command exits with that cannot know yet: EX_TEMPFAIL. */
const PENDING = 75
/** How much of what a command writes is kept, in characters. */
const KEPT = 65_536

const lastLine = (text: string, about = /\S/) =>
  text
    .split('\n')
    .findLast((line) => about.test(line))
    ?.trim()

/** @param command the program and its arguments, or a text for the shell */
export function commandFlow(command: readonly string[] | string): Flow {
  const [program, ...args] = typeof command === 'string' ? [command] : command
  const shell = typeof command === 'string'
  return ({ url, key, merchantId, responseKey, job, signal }) =>
    new Promise((resolve, reject) => {
      const own = { WALLETS_URL: url, WALLET_SANDBOX_KEY: key, WALLETS_MERCHANT: merchantId }
      const env = environmentWith({ ...own, WALLETS_RESPONSE_KEY: responseKey, WALLETS_JOB: String(job) })
      // In a group of its own, so that what it starts ends with it.
      const child = spawn(program!, args, { env, shell, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
      const written = { out: '', err: '' }
      const keep = (stream: keyof typeof written) => (piece: string) => {
        written[stream] = (written[stream] + piece).slice(-KEPT)
      }
      child.stdout.setEncoding('utf8').on('data', keep('out'))
      child.stderr.setEncoding('utf8').on('data', keep('err'))
      const end = () => {
        try {
          process.kill(-child.pid!, 'SIGKILL')
        } catch {
          // All of it has ended.
        }
      }
      signal.addEventListener('abort', end)
      child.on('error', reject)
      child.on('exit', end)
      child.on('close', (status) => {
        signal.removeEventListener('abort', end)
        if (status === 0) resolve(jsonOf(lastLine(written.out) ?? ''))
        else if (status === PENDING) resolve({ outcome: 'pending' })
        else {
          const text = `${written.out}\n${written.err}`
          reject(
            new Error(`exit ${status ?? 'by a signal'}: ${lastLine(text, /Error/) ?? lastLine(text) ?? 'no output'}`),
          )
        }
      })
    })
}
