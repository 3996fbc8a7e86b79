import { rmSync, writeFileSync } from 'node:fs'
import { allowsColour, SETTINGS, type Settings } from '../config.js'
import type { LogFormat } from '../journal/log-format.js'
import { plainReason } from '../lib/files.js'
import { isLoopback } from '../lib/hosts.js'
import { setTimeout } from '../lib/timers.js'
import type { Sandbox } from '../sandbox.js'
import { type Streams, withFlags } from './command.js'
import { stopSignal } from './signals.js'

export const start = withFlags({
  usage: 'start',
  meaning: 'Serve the sandbox; the default',
  flags: SETTINGS,
  async run({ own: { port, host, urlFile, ...settings }, streams }) {
    const { openSandbox } = await import('../sandbox.js')
    const log = settings.log ?? (streams.isTerminal ? 'pretty' : 'json')
    const sandbox = await openSandbox({ ...settings, log, colour: streams.isTerminal && allowsColour() })
    const stopped = stopSignal()
    const url = await sandbox.listen({ port, host })
    const lines = [`wallet-sandbox listening on ${url}`]
    if (log !== 'silent') lines.push(await describe(settings, sandbox, log))
    // A server is of use even where its URL cannot be written.
    void Promise.resolve(streams.out(lines.join('\n'))).catch(({ message }: Error) =>
      streams.err(`wallet-sandbox: warning: ${message}`),
    )
    const isWritten = urlFile !== undefined && writeUrl(urlFile, url, streams)
    if (settings.controlToken === undefined && !isLoopback(host))
      streams.err(
        `wallet-sandbox: warning: ${url} is open to other machines, and so is its control API; set --control-token to close it`,
      )
    await stopped
    await sandbox.close()
    if (isWritten) rmSync(urlFile, { force: true })
    // Unread lines would hold the process; without any it ends before.
    setTimeout(() => process.exit(0), FLUSH_MS).unref()
    return 0
  },
})

/** What a user would otherwise find out call by call: a line of the log. */
async function describe(settings: Omit<Settings, 'port' | 'host' | 'urlFile'>, sandbox: Sandbox, log: LogFormat) {
  const { scenario, latency, seed, strict, fixtures = 'shipped' } = settings
  const { operations } = await sandbox.control.latency()
  const delayed = Object.keys(operations).filter((id) => latency.drawn && operations[id]!.configured !== null)
  if (log === 'json') return JSON.stringify({ scenario, latency: latency.mode, seed, strict, fixtures, delayed })
  const delays = delayed.length === 0 ? 'no delays' : `delays on ${delayed.join(', ')} alone`
  return `scenario ${scenario}, latency ${latency.mode}, seed ${seed}, strict ${strict ? 'on' : 'off'}, fixtures ${fixtures}; ${delays}`
}

/** How long the last lines may take to be read, in ms. */
const FLUSH_MS = 250

/** A server is of use though the file cannot be written, such as on a read-only disk. */
function writeUrl(file: string, url: string, { err }: Streams): boolean {
  try {
    writeFileSync(file, `${url}\n`)
    return true
  } catch (error) {
    err(`wallet-sandbox: warning: --url-file ${file} cannot be written: ${plainReason(error)}`)
    return false
  }
}
