import { createSandbox, type Options, type Sandbox } from '../../../src/index.js'

/** How a test speaks to a sandbox: with or without a socket, in which form its bodies are. */
export interface Way {
  readonly transport: 'in-process' | 'socket'
  readonly encoding: 'form' | 'json'
}

export const WAYS: readonly Way[] = (['in-process', 'socket'] as const).flatMap((transport) =>
  (['form', 'json'] as const).map((encoding) => ({ transport, encoding })),
)

// biome-ignore lint/suspicious/noExplicitAny: bodies are looked into by name
export type Body = any

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly body: Body
}

export type Fields = Readonly<Record<string, string | number | boolean | null>>

export interface Client {
  readonly sandbox: Sandbox
  readonly origin: string
  get(path: string, headers?: Record<string, string>): Promise<Reply>
  post(path: string, fields?: Fields, headers?: Record<string, string>): Promise<Reply>
  /** As a browser does: no key, redirects not followed. A path, or a whole URL of the sandbox. */
  browse(url: string, fields?: Record<string, string>, headers?: Record<string, string>): Promise<Reply>
}

export const SILENT = { latency: 'off', clock: '2023-09-11T08:30:00Z' } as const

/** A sandbox and a merchant's client of it. */
export async function connect(
  options: Options = {},
  { transport = 'in-process', encoding = 'form' }: Partial<Way> = {},
  key = 'acme_test_key',
): Promise<Client> {
  const sandbox = await createSandbox({ ...SILENT, ...options })
  return clientOf(sandbox, await originOf(sandbox, transport), key, encoding)
}

const originOf = (sandbox: Sandbox, transport: Way['transport']) =>
  transport === 'socket' ? sandbox.listen() : 'https://sandbox.juspay.in'

export function clientOf(sandbox: Sandbox, origin: string, key: string, encoding: Way['encoding'] = 'form'): Client {
  const authorization = `Basic ${Buffer.from(`${key}:`).toString('base64')}`
  const send = async (url: string, init: RequestInit): Promise<Reply> => {
    const request = origin.startsWith('http://127') ? fetch : sandbox.fetch
    const response = await request(new URL(url, origin).href, { redirect: 'manual', ...init })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.startsWith('application/json')
    return { status: response.status, headers: response.headers, text, body: isJson && text ? JSON.parse(text) : null }
  }
  return {
    sandbox,
    origin,
    get: (path, headers = {}) => send(path, { headers: { authorization, ...headers } }),
    post: (path, fields = {}, headers = {}) =>
      send(path, { method: 'POST', ...encoded(fields, encoding, { authorization, ...headers }) }),
    browse: (url, fields, headers = {}) =>
      send(url, fields ? { method: 'POST', ...encoded(fields, 'form', headers) } : { headers }),
  }
}

function encoded(fields: Fields, encoding: Way['encoding'], headers: Record<string, string>): RequestInit {
  if (encoding === 'json')
    return { body: JSON.stringify(fields), headers: { ...headers, 'content-type': 'application/json' } }
  const form = Object.entries(fields).map(([name, value]): [string, string] => [name, String(value)])
  const type = 'application/x-www-form-urlencoded'
  return { body: new URLSearchParams(form).toString(), headers: { ...headers, 'content-type': type } }
}

/** Fields of a debit, as the vendor's page has them. */
export const debit = (orderId: string, gateway: string, token: string): Fields => ({
  order_id: orderId,
  merchant_id: 'acme',
  payment_method_type: 'WALLET',
  payment_method: gateway,
  direct_wallet_token: token,
  redirect_after_payment: true,
  format: 'json',
})

/** How Create Order refuses a field. */
export const invalidInput = (field_name: string, reason: unknown = 'Missing field or Invalid Value') => ({
  error_message: 'Bad Request.',
  status: 'Bad Request',
  error_code: 'INVALID_REQUEST',
  error_info: {
    user_message: 'Invalid input data',
    fields: [{ field_name, reason }],
    developer_message: 'Invalid input data',
    code: 'INVALID_INPUT',
    category: 'USER_ERROR',
  },
})
