import { existsSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import type { RequestOptions } from 'node:https'
import { text } from 'node:stream/consumers'
import { SETTINGS, type Settled, type Written } from '../config.js'
import { textOf } from '../lib/files.js'
import { portOf } from '../lib/text.js'

const { port, host, urlFile, tlsCert, tlsKey } = SETTINGS
/** What the flags of a server that runs beside the command say of where it is. */
export const SERVER = { port, host, urlFile, tlsCert, tlsKey }
type Place = Settled<typeof SERVER>

/** Where a server that runs beside the command answers: by the flags, else by its URL file, else by the variables. */
export function serverUrl(flags: Written, settings: Place): string {
  // Its own flag names the server; else it is the one that runs beside it, with whichever flags.
  const isTold = [flags.port, flags.host, flags.tlsCert].some((flag) => flag !== undefined)
  return (isTold ? undefined : readUrl(settings.urlFile)) ?? urlOf(settings)
}

function readUrl(file: string | undefined): string | undefined {
  if (file === undefined || !existsSync(file)) return undefined
  const url = textOf(file, 'URL').trim()
  // A server that starts at this moment may not have written it yet.
  if (!URL.canParse(url)) return undefined
  const { protocol, hostname } = new URL(url)
  return `${protocol}//${reachable(hostname)}:${portOf(url)}`
}

const urlOf = ({ port, host, tlsCert }: Place) =>
  `${tlsCert === undefined ? 'http' : 'https'}://${reachable(host.includes(':') ? `[${host}]` : host)}:${port}`

/** Where a server answers on this machine that listens on every address. */
const reachable = (host: string) => ({ '0.0.0.0': '127.0.0.1', '[::]': '[::1]' })[host] ?? host

/**
 * By HTTPS where a server does not answer by HTTP, whosever certificate it is: that may be named for another host.
 *
 * @returns undefined where nothing answers
 */
export async function ask(url: string, timeoutMs: number, headers: Record<string, string> = {}) {
  const secure = url.replace(/^http:/, 'https:')
  return get(url, timeoutMs, headers).catch(() => get(secure, timeoutMs, headers).catch(() => undefined))
}

async function get(url: string, timeoutMs: number, headers: Record<string, string>) {
  const { get } = url.startsWith('https:') ? await import('node:https') : await import('node:http')
  const signal = AbortSignal.timeout(timeoutMs)
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { signal, headers, rejectUnauthorized: false } as RequestOptions, resolve).on('error', reject)
  })
  return { status: response.statusCode, text: await text(response) }
}
