import { runInThisContext } from 'node:vm'
import { InputError } from './errors.js'

/** What a sandbox is made with; a test environment such as jsdom hides it. */
const NEEDED = ['Request', 'Response', 'ReadableStream', 'TextEncoder', 'structuredClone'] as const

export const NODE_ENVIRONMENT =
  'the environment "node", as @jest-environment node in the first comment of the file sets it'

/** @throws InputError naming what this environment lacks */
export function requirePlatform(what: string): void {
  const missing = NEEDED.filter((name) => !(name in globalThis))
  if (missing.length > 0)
    throw new InputError(
      `${what}: this environment, such as jest's jsdom, has no ${missing.join(', ')}; allowed: ${NODE_ENVIRONMENT}, or withSandbox of wallet-sandbox/jest, whose server runs outside`,
    )
}

/** Node's own `fetch`, where the environment hides it. */
export const platformFetch: typeof fetch = (input, init) =>
  (globalThis.fetch ?? (runInThisContext('fetch') as typeof fetch))(input, init)
