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
    const url = healthUrl(readSettings(flags, readEnvironment()))
    try {
      const status = await statusOf(url)
      if (status === 200) return 0
      await streams.err(`wallet-sandbox: ${url} answered ${status}, not 200`)
    } catch {
      await streams.err(`wallet-sandbox: nothing answers at ${url}`)
    }
    return 1
  },
}

function healthUrl({ port, host, tlsCert }: Settings): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  const authority = reachable.includes(':') ? `[${reachable}]` : reachable
  return `${tlsCert === undefined ? 'http' : 'https'}://${authority}:${port}/_sandbox/health`
}

/** The status a URL answers with. Whose certificate it is does not matter here: it may be named for another host. */
async function statusOf(url: string): Promise<number | undefined> {
  const { get } = url.startsWith('https:') ? await import('node:https') : await import('node:http')
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  return new Promise((resolve, reject) => {
    get(url, { signal, rejectUnauthorized: false } as RequestOptions, (response) => {
      response.resume()
      resolve(response.statusCode)
    }).on('error', reject)
  })
}
