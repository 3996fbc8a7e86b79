import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import type { Options, Sandbox } from '../../src/index.js'
import { ask, sandboxFor, WALLET, WALLET_ID } from '../control/helpers.js'

// biome-ignore lint/suspicious/noExplicitAny: a test changes of a capsule what it likes
export type Any = any

/** A folder for the capsules of one file of tests. */
export function capsuleFiles() {
  const folder = mkdtempSync(join(tmpdir(), 'capsule-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  let written = 0
  const write = (capsule: unknown): string => {
    const file = join(folder, `${++written}.json`)
    writeFileSync(file, typeof capsule === 'string' ? capsule : JSON.stringify(capsule))
    return file
  }
  return { folder, write }
}

export const capsuleOf = async (sandbox: Sandbox, merchant = 'acme'): Promise<Any> =>
  JSON.parse(JSON.stringify(await sandbox.control.merchant(merchant).capsule()))

/** Keys that a session is made with, some of which are refused. */
export const KEYS = {
  juspay: ['acme_test_key', 'acme_test_key', 'acme_revoked_key'],
  juicyway: ['test_acme_juicyway', 'test_acme_forbidden', 'test_acme_masked'],
}

/** A session of three calls that fails at the third, with an action between them. */
export async function small(options: Options = {}): Promise<Any> {
  const sandbox = await sandboxFor(options)
  await ask(sandbox, WALLET)
  await sandbox.control.merchant('acme').provider(WALLET_ID, { balance: 12 })
  await ask(sandbox, `${WALLET}?command=refresh`)
  await ask(sandbox, '/wallets/wlt_none')
  return capsuleOf(sandbox)
}
