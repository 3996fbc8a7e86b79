import { type Send, TARGETS } from '../../contract/targets.js'

/** The customer of the shipped fixtures whom the vendor's sample shows, and his wallet. */
export const CUSTOMER = 'a08bf5a3-8459-4e65-a5bb-34a1feef94cf'
export const WALLET = '3d2e3f3e-3b3c-4907-a4fd-e241203440d7'
export const GLOBEX_CUSTOMER = '7c0e6b1a-52d4-4c8e-9a57-0d1f8c2b6e90'
export const GLOBEX_WALLET = 'b1e0c2d4-6f7a-4b8c-9d0e-1f2a3b4c5d6e'
export const UNKNOWN = '00000000-0000-4000-8000-000000000000'

export const [inProcess] = TARGETS as [(typeof TARGETS)[number], ...typeof TARGETS]

// biome-ignore lint/suspicious/noExplicitAny: a body is what it is asserted to be
type Body = any

export interface Reply {
  readonly status: number
  readonly body: Body
  readonly text: string
  readonly headers: Headers
}

export type Call = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Reply>

/** A client of the vendor: a key, and JSON both ways. */
export function client(send: Send, key = 'test_acme_juicyway'): Call {
  return async (method, path, body, headers) => {
    const response = await send(path, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: JSON.parse(text), text, headers: response.headers }
  }
}

export const idempotencyKey = (key: string) => ({ 'idempotency-key': key })
