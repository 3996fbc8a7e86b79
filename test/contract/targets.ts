import { afterAll, beforeAll } from 'vitest'
import { createSandbox, type Options, type Sandbox } from '../../src/index.js'

/** Sends a request to a sandbox. `path` begins with a slash; how it gets there is the target's affair. */
export type Send = (path: string, init?: RequestInit) => Promise<Response>

export interface Target {
  readonly name: string
  reach(sandbox: Sandbox): Promise<Send>
}

/** Every way a request can come in. A case of the contract says the same for each. */
export const TARGETS: readonly Target[] = [
  {
    name: 'in-process',
    reach: async (sandbox) => (path, init) => sandbox.fetch(`https://sandbox.juspay.in${path}`, init),
  },
  {
    name: 'over a socket',
    reach: async (sandbox) => {
      const url = await sandbox.listen()
      return (path, init) => fetch(`${url}${path}`, init)
    },
  },
]

/** Runs `use` against a sandbox of its own. */
export async function withSandbox<T>(target: Target, options: Options, use: (send: Send) => Promise<T>): Promise<T> {
  const sandbox = await createSandbox({ latency: 'off', ...options })
  try {
    return await use(await target.reach(sandbox))
  } finally {
    await sandbox.close()
  }
}

/** One sandbox for all tests of a `describe`. */
export function sharedSandbox(target: Target): Send {
  let sandbox: Sandbox
  let send: Send
  beforeAll(async () => {
    sandbox = await createSandbox({ latency: 'off' })
    send = await target.reach(sandbox)
  })
  afterAll(() => sandbox.close())
  return (path, init) => send(path, init)
}

export const basic = (credentials: string) => `Basic ${Buffer.from(credentials).toString('base64')}`

/** The headers of a request that breaks no rule. */
export const juspayHeaders = (key = 'acme_test_key') => ({
  authorization: basic(`${key}:`),
  'x-routing-id': 'customer_1122',
  'x-merchantid': 'acme',
  'content-type': 'application/x-www-form-urlencoded',
})

export const juicywayHeaders = (key = 'test_acme_juicyway') => ({ authorization: `Bearer ${key}` })

export const PATHS = {
  getWallet: '/wallets/wlt_q23xzki3pazgtezo',
  listWallets: '/customers/guest_user/wallets',
  refreshAllWallets: '/customers/cth_eN4e4kR12CJV/wallets/refresh-balances',
  retrieveWallet: '/wallets/3d2e3f3e-3b3c-4907-a4fd-e241203440d7',
} as const

/** Everything a client can tell two answers apart by. */
export async function seen(response: Response) {
  const text = await response.text()
  return { status: response.status, text, reason: response.headers.get('x-sandbox-reason') }
}
