import type { Options } from './config.js'
import type { ExploreOptions, Flow } from './explore/options.js'
import type { Exploration } from './explore/report.js'
import { load } from './lib/load.js'
import { requirePlatform } from './lib/platform.js'
import type { OpenOptions } from './replay/open.js'
import type { Sandbox } from './sandbox.js'
import type { VerifyOptions, VerifyReport } from './verify/verify.js'

export type { Capsule } from './capsule/schema.js'
export type { Options } from './config.js'
export type { Control, MerchantControl } from './control/control.js'
export type { ExploreOptions, Flow, FlowContext } from './explore/options.js'
export type { Exploration, ExploreFinding } from './explore/report.js'
export type { VendorName } from './fixture-files/key-lists.js'
export type { Fixtures } from './fixture-files/schema.js'
export type { Grade } from './journal/entry.js'
export type { JournalEntry } from './journal/journal-entry.js'
export type { LogFormat } from './journal/log-format.js'
export { InputError } from './lib/errors.js'
export { type Recorder, type Recording, type RecordOptions, record } from './record/record.js'
export type { OpenOptions } from './replay/open.js'
export type { Sandbox } from './sandbox.js'
export type { Scenario, ScenarioRule } from './scenarios/schema.js'
export type { Finding, Verdict } from './verdict/verdict.js'
export type { Divergence } from './verify/compare.js'
export type { CheckResult, VerifyOptions, VerifyReport } from './verify/verify.js'

/**
 * Builds a sandbox. It shares nothing with another one, and does not touch the process's globals, signals or environment.
 *
 * @example
 * await using sandbox = await createSandbox({ scenario: 'expired-key', clock: '2023-09-11T08:30:00Z', latency: 'off' })
 *
 * @throws InputError when an option, a fixture or a scenario cannot be used, with one sentence per fault
 */
export async function createSandbox(options: Options = {}): Promise<Sandbox> {
  requirePlatform('createSandbox')
  const sandbox = await load(() => import('./sandbox.js'))
  return sandbox.createSandbox(options)
}

/**
 * Runs a flow without a fault, then once with each fault at each of its calls, and finds those that cost money.
 *
 * @example
 * const report = await explore(({ url, key }) => checkout({ baseUrl: url, apiKey: key }))
 * expect(report.findings, String(report)).toEqual([])
 *
 * @throws InputError for an option that is not allowed, and for a flow that fails, or differs, without a fault
 */
export async function explore(flow: Flow, options: ExploreOptions = {}): Promise<Exploration> {
  requirePlatform('explore')
  const { explore } = await load(() => import('./explore/explore.js'))
  return explore(flow, options)
}

/**
 * Repeats the session of a capsule in a new sandbox, and goes on from there: state, clock, counters, journal and deliveries
 * are as they were. It sends no event unless `deliver` is true, and accepts the keys of the capsule alone.
 *
 * @example
 * await using sandbox = await openCapsule('capsule.json', { until: 7 })
 *
 * @throws InputError when the file is not a capsule, is of an unknown format, or holds a step that cannot be done
 */
export async function openCapsule(file: string, options: OpenOptions = {}): Promise<Sandbox> {
  requirePlatform('openCapsule')
  const { open } = await load(() => import('./replay/open.js'))
  return open(file, options)
}

/**
 * Holds a server against what the sandbox knows of the vendor: status, keys and their order, types, formats, headers and
 * error bodies. It reads only, unless `writes` says otherwise.
 *
 * @example
 * const report = await verify({ baseUrl: 'https://sandbox.juspay.in', key: process.env.JUSPAY_KEY!, customer: 'cst_1' })
 *
 * @throws InputError when an option cannot be used, or the server does not answer
 */
export async function verify(options: VerifyOptions): Promise<VerifyReport> {
  requirePlatform('verify')
  const { verify } = await load(() => import('./verify/verify.js'))
  return verify(options)
}
