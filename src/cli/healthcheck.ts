import { existsSync, readFileSync } from 'node:fs'
import type { RequestOptions } from 'node:https'
import { readEnvironment, readSettings, type Settings } from '../config.js'
import { type Command, refuseOperands } from './command.js'

/** How long a server may take to answer, in ms. */
const TIMEOUT_MS = 2000

export const healthcheck: Command = {
  usage: 'healthcheck',
  meaning: 'Exit 0 when the server answers',
  async run({ operands, flags, streams }) {
    refuseOperands('healthcheck', operands)
    const settings = readSettings(flags, readEnvironment())
    // A flag of its own says where to look; else the server that runs beside it does, whatever flags it has.
    const isTold = [flags.port, flags.host, flags.tlsCert].some((flag) => flag !== undefined)
    const base = (isTold ? undefined : readUrl(settings.urlFile)) ?? urlOf(settings)
    const status = await statusOf(base).catch(() => statusOf(base.replace('http:', 'https:')).catch(() => undefined))
    if (status === 200) return 0
    const url = `${base}${HEALTH}`
    await streams.err(
      `wallet-sandbox: ${status === undefined ? `nothing answers at ${url}` : `${url} answered ${status}, not 200`}`,
    )
    return 1
  },
}

const HEALTH = '/_sandbox/health'

function readUrl(file: string | undefined): string | undefined {
  if (file === undefined || !existsSync(file)) return undefined
  const { protocol, hostname, port } = new URL(readFileSync(file, 'utf8').trim())
  return `${protocol}//${reachable(hostname)}:${port}`
}

const urlOf = ({ port, host, tlsCert }: Settings) =>
  `${tlsCert === undefined ? 'http' : 'https'}://${reachable(host.includes(':') ? `[${host}]` : host)}:${port}`

/** Where a server answers on this machine that listens on every address. */
const reachable = (host: string) => ({ '0.0.0.0': '127.0.0.1', '[::]': '[::1]' })[host] ?? host

/** The status a URL answers with. Whose certificate it is does not matter here: it may be named for another host. */
async function statusOf(base: string): Promise<number | undefined> {
  const url = `${base}${HEALTH}`
  const { get } = url.startsWith('https:') ? await import('node:https') : await import('node:http')
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  return new Promise((resolve, reject) => {
    get(url, { signal, rejectUnauthorized: false } as RequestOptions, (response) => {
      response.resume()
      resolve(response.statusCode)
    }).on('error', reject)
  })
}
