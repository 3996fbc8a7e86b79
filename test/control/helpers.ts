import { request } from 'node:http'
import { onTestFinished } from 'vitest'
import type { Options } from '../../src/config.js'
import { createSandbox, type Sandbox } from '../../src/sandbox.js'

export const FROZEN = '2023-09-11T08:30:00.000Z'

/** A sandbox whose clock stands and whose scenario does nothing, closed when the test ends. */
export async function sandboxFor(options: Options = {}): Promise<Sandbox> {
  const sandbox = await createSandbox({ scenario: 'instant', clock: FROZEN, ...options })
  onTestFinished(() => sandbox.close())
  return sandbox
}

export const basic = (key: string) => ({ authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` })

export const WALLET = '/wallets/wlt_q23xzki3pazgtezo'
export const WALLET_ID = 'wlt_q23xzki3pazgtezo'
export const CUSTOMER = 'cst_om2l6ctlptxwxuzj'
export const REFRESH = `/customers/${CUSTOMER}/wallets/refresh-balances`

/** Asks a vendor's API in-process as the merchant of a key. */
export function ask(sandbox: Sandbox, path: string, key = 'acme_test_key', headers: Record<string, string> = {}) {
  return sandbox.fetch(`http://sandbox${path}`, { headers: { ...basic(key), 'x-routing-id': 'r', ...headers } })
}

/** Asks the control API in-process. */
export async function control(sandbox: Sandbox, method: string, path: string, body?: unknown) {
  const response = await sandbox.fetch(`http://sandbox/_sandbox${path}`, {
    method,
    ...(body === undefined
      ? {}
      : {
          headers: { 'content-type': 'application/json' },
          body: typeof body === 'string' ? body : JSON.stringify(body),
        }),
  })
  // biome-ignore lint/suspicious/noExplicitAny: a test reads of the answer what it likes
  return { status: response.status, headers: response.headers, body: (await response.json()) as any }
}

/** A request over a socket with any headers, Host included. */
export function raw(
  url: string,
  { method = 'GET', headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<{ status: number; headers: Record<string, unknown>; text: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (piece) => {
        text += piece
      })
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }))
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
