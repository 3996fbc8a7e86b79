import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createSandbox } from '../../src/index.js'
import { every } from '../every.js'
import { juicywayHeaders, juspayHeaders, PATHS, TARGETS } from './targets.js'

const SAMPLES = new URL('../samples/', import.meta.url)

/** What each published body is the answer to. */
const REQUESTS: Readonly<Record<string, { path: string; headers: Record<string, string> }>> = {
  'juspay-get-wallet.json': { path: PATHS.getWallet, headers: juspayHeaders() },
  'juspay-list-wallets.json': { path: PATHS.listWallets, headers: juspayHeaders() },
  'juspay-list-wallets-metadata.json': { path: '/customers/cust19374/wallets', headers: juspayHeaders() },
  'juspay-refresh-all-wallets.json': { path: PATHS.refreshAllWallets, headers: juspayHeaders() },
  'juicyway-retrieve-wallet.json': { path: PATHS.retrieveWallet, headers: juicywayHeaders() },
}

/** The text without the white space between its tokens; what stands inside a string stays. */
const compact = (json: string) =>
  json.replace(/("(?:[^"\\]|\\.)*")|\s+/g, (_, string: string | undefined) => string ?? '')

describe.each(TARGETS)('$name', (target) => {
  test('every published body comes back byte for byte', () =>
    every(Object.entries(REQUESTS), async ([file, { path, headers }]) => {
      await using sandbox = await createSandbox()
      const send = await target.reach(sandbox)
      // Twice: what the first answer changed must not show in the second.
      for (const _ of ['first', 'second']) {
        const response = await send(path, { headers })
        expect(response.status).toBe(200)
        expect(response.headers.get('x-sandbox-fidelity')).toBe('published')
        const bytes = Buffer.from(await response.arrayBuffer())
        expect(bytes.toString('latin1')).toBe(
          Buffer.from(compact(readFileSync(new URL(file, SAMPLES), 'utf8'))).toString('latin1'),
        )
      }
    }))
})

test('the one token that ends in a space keeps it', async () => {
  const sandbox = await createSandbox()
  const { path, headers } = REQUESTS['juspay-refresh-all-wallets.json']!
  const response = await sandbox.fetch(`https://sandbox.juspay.in${path}`, { headers })
  expect(await response.text()).toContain('"token":"tk_ecbio8b69p8aiojdnap9b8u ",')
  await sandbox.close()
})
