import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RemoteControl } from '../control/client.js'
import type { JournalEntry } from '../journal/journal-entry.js'
import { keyedFetch } from '../lib/keyed-fetch.js'
import { platformFetch } from '../lib/platform.js'

/** What a test has of the sandbox: a merchant of its own, which no other test sees. */
export interface TestSandbox {
  /** An API key of the merchant, good for every vendor. */
  readonly key: string
  readonly merchantId: string
  /** The base URL for a client, such as `http://127.0.0.1:40123`. */
  readonly url: string
  /** The platform's `fetch`, for paths too. A request without Authorization is sent with the key, as Juspay's clients do. */
  fetch(input: string | URL, init?: RequestInit): Promise<Response>
  /** State, scenario, clock, journal and wallets of the merchant. */
  readonly control: RemoteControl
}

export const testSandbox = (url: string, key: string, control: RemoteControl): TestSandbox => ({
  key,
  merchantId: key,
  url,
  control,
  fetch: keyedFetch(platformFetch, url, key),
})

/** Prints the calls of a failed test, and the command that repeats them. It never rejects. */
export async function printJournal(sandbox: TestSandbox): Promise<void> {
  // The error of the test is the one to be seen.
  const text = await journalOf(sandbox).catch(
    (error: Error) => `What the sandbox was asked by ${sandbox.key} cannot be shown: ${error.message}`,
  )
  // biome-ignore lint/suspicious/noConsole: runners show what a test prints beside its error
  console.error(text)
}

async function journalOf({ key, control }: TestSandbox): Promise<string> {
  const [{ requests }, { holds }] = await Promise.all([control.requests.get(), control.holds.get()])
  const held = holds.map(({ hold, request }) => `\nHeld as "${hold}" when the test ended: ${request}`)
  return `${summary(key, requests)}${held.join('')}\n${await capsuleOf(key, control)}`
}

/** The file that a capsule is written to. */
export function saved(capsule: unknown): string {
  const file = join(mkdtempSync(join(tmpdir(), 'wallet-sandbox-')), 'capsule.json')
  writeFileSync(file, JSON.stringify(capsule))
  return file
}

/** How to repeat a merchant's calls, or why that is impossible: its capsule is too long to be printed. */
async function capsuleOf(key: string, control: RemoteControl): Promise<string> {
  try {
    return `Ask ${key} again: npx wallet-sandbox replay ${saved(await control.capsule())}`
  } catch (error) {
    return `There is no capsule of ${key}: ${(error as Error).message}`
  }
}

/** A merchant's calls, a line each. */
function summary(key: string, requests: readonly JournalEntry[]): string {
  const lines = requests.map(({ request, response, reason, rule, warnings }) =>
    [
      `${request.method} ${request.path}${request.query === '' ? '' : `?${request.query}`}`,
      response?.status ?? 'no answer',
      ...(rule === null ? [] : [`rule "${rule}"`]),
      ...(reason === null ? [] : [reason]),
      ...warnings,
    ].join('  '),
  )
  return [`The sandbox was asked by ${key}:`, ...(lines.length === 0 ? ['nothing'] : lines)].join('\n  ')
}
