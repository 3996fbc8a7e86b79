import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { capsulesFolder } from '../config.js'
import type { RemoteControl } from '../control/client.js'
import type { JournalEntry } from '../journal/journal-entry.js'
import { type Access, accessTo } from '../lib/access.js'
import { makeFolder } from '../lib/folders.js'
import { platformFetch } from '../lib/platform.js'
import { escapeControls } from '../lib/text.js'

/** What a test has of the sandbox: a merchant of its own, which no other test sees. */
export interface TestSandbox extends Access {
  /** State, scenario, clock, journal and wallets of the merchant. */
  readonly control: RemoteControl
}

export const testSandbox = (url: string, key: string, control: RemoteControl): TestSandbox => ({
  ...accessTo(key, url, platformFetch),
  control,
})

/** A test as its runner knows it. */
export interface TestName {
  /** From the project's root, with slashes. */
  readonly path: string
  readonly name: string
  /** With the names of the suites around it. */
  readonly fullName: string
  /** Which one of that name it is, and which run of it. */
  readonly runs: readonly number[]
}

/** Characters kept of each name. */
const MAX_NAME = 24

const shortened = (name: string) =>
  name
    .replaceAll(/[^A-Za-z0-9.-]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, MAX_NAME)
    .replace(/-+$/, '')

/** The key of a test's merchant: the same in every run, because draws follow from it, and readable in the inspector. */
export function keyOf({ path, name, fullName, runs }: TestName): string {
  const digest = createHash('sha256').update(JSON.stringify([path, fullName, ...runs]))
  const file = basename(path).replace(/\.\w+$/, '')
  return `sandbox_${shortened(file)}_${shortened(name)}_${digest.digest('hex').slice(0, 8)}`
}

/** Prints the calls of a failed test, what failed, and the command that opens its capsule. It never rejects. */
export async function printJournal(sandbox: TestSandbox, { path, fullName }: TestName): Promise<void> {
  // The error of the test is the one to be seen.
  const text = await journalOf(sandbox, `${path} > ${fullName}`).catch(
    (error: Error) => `What the sandbox was asked by ${sandbox.key} cannot be shown: ${error.message}`,
  )
  // biome-ignore lint/suspicious/noConsole: runners show what a test prints beside its error
  console.error(text)
}

async function journalOf({ key, control }: TestSandbox, test: string): Promise<string> {
  const [{ requests }, { holds }] = await Promise.all([control.requests.get(), control.holds.get()])
  const held = holds.map(({ hold, request }) => `\nHeld as "${hold}" when the test ended: ${request}`)
  return `${summary(key, requests)}${held.join('')}\nfailed: ${escapeControls(test)}\n${await capsuleOf(key, control)}`
}

/** Writes a capsule into the folder for those of failing tests, and gives the command that opens it. */
export function saved(name: string, capsule: unknown): string {
  const folder = capsulesFolder()
  const file = join(folder, `${name}.capsule.json`)
  makeFolder(folder)
  writeFileSync(file, JSON.stringify(capsule))
  return `npx wallet-sandbox open ${/^[\w./:\\-]+$/.test(file) ? file : JSON.stringify(file)}`
}

/** How to open a merchant's calls, or why that is impossible: its capsule is too long to be printed. */
async function capsuleOf(key: string, control: RemoteControl): Promise<string> {
  try {
    return saved(key, await control.capsule())
  } catch (error) {
    return `There is no capsule of ${key}: ${(error as Error).message}`
  }
}

/** A merchant's calls, a line each, and below them each warning once. */
function summary(key: string, requests: readonly JournalEntry[]): string {
  const lines = requests.map(({ request, response, reason, rule }) =>
    [
      `${request.method} ${request.path}${request.query === '' ? '' : `?${request.query}`}`,
      response?.status ?? 'no answer',
      ...(rule === null ? [] : [`rule "${rule}"`]),
      ...(reason === null ? [] : [reason]),
    ].join('  '),
  )
  const warnings = new Set(requests.flatMap((entry) => entry.warnings))
  return [
    `The sandbox was asked by ${key}:`,
    ...(lines.length === 0 ? ['nothing'] : lines),
    ...Array.from(warnings, (warning) => `warning: ${warning}`),
  ].join('\n  ')
}
