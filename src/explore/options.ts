import { type Options, type Setting, setting, wholeNumber } from '../config.js'
import type { MerchantControl } from '../control/control.js'
import { DURATION_FORM, parseDuration } from '../lib/duration.js'
import { InputError } from '../lib/errors.js'
import { quote } from '../lib/text.js'

/** What a flow is given of the merchant that it runs against. */
export interface FlowContext {
  /** Where the sandbox listens, such as `http://127.0.0.1:40123`. */
  readonly url: string
  /** The sandbox in-process, for paths too. A request without Authorization is sent with the key, as Juspay's clients do. */
  fetch(input: string | URL, init?: RequestInit): Promise<Response>
  /** An API key of the merchant, good for every vendor. */
  readonly key: string
  readonly merchantId: string
  /** Signs what a browser brings back to the shop. */
  readonly responseKey: string
  readonly control: MerchantControl
  /** From 0; no two flows that run at once have the same: for a port of its own. */
  readonly job: number
  /** Aborts when the flow has run out of time. */
  readonly signal: AbortSignal
}

/**
 * What a shop does with the vendor. It resolves with what it says of it, which JSON has a form for, rejects where it has
 * failed, and resolves with `{ outcome: 'pending' }` where it cannot know yet.
 */
export type Flow = (context: FlowContext) => unknown

export interface ExploreOptions extends Omit<Options, 'data' | 'log' | 'watch'> {
  /** Runs after a flow that ended pending, as a shop's nightly job does. */
  reconcile?: Flow
  /** 2 tries pairs of faults too. Default: 1. */
  depth?: 1 | 2
  /** Schedules run at once. Default: 8. */
  jobs?: number
  /** Schedules tried at most. Default: 1000. */
  max?: number
  /** How long a flow may take, in milliseconds or as text. Default: 30 s. */
  timeout?: number | string
  /** Names of schedules, which alone are tried. */
  only?: readonly string[]
  /** Faults, which alone are tried, such as `reset` or `reset:after-commit`. */
  faults?: readonly string[]
  /** Operations or patterns of them, at which alone faults are tried. */
  operations?: readonly string[]
  /** Lets calls that overlap pass both ways round. */
  races?: boolean
  /** Starts the flow twice at once too. */
  twice?: boolean
  /** Ends the exploration: what is not tried by then is left out. */
  signal?: AbortSignal
}

const list = (given: unknown) => {
  const items = typeof given === 'string' ? given.split(',').map((item) => item.trim()) : given
  const isList =
    Array.isArray(items) && items.length > 0 && items.every((item) => typeof item === 'string' && item !== '')
  return isList ? (items as readonly string[]) : undefined
}
const duration = (given: unknown) => {
  const ms = typeof given === 'string' || typeof given === 'number' ? parseDuration(given) : undefined
  return ms !== undefined && ms >= 1 && ms <= 3_600_000 ? ms : undefined
}
const toggle = (given: unknown) => (given === 'off' ? false : typeof given === 'boolean' ? given : undefined)

type Words = readonly [flag: string, value: string | undefined, meaning: string, allowed: string]
const formOf = ([flag, value, meaning, allowed]: Words) => ({ flag, ...(value && { value }), meaning, allowed })
const given = <Value>(parse: (given: unknown) => Value | undefined, fallback: string, ...words: Words) =>
  setting<Value>({ ...formOf(words), fallback, parse })
const some = (...words: Words): Setting<readonly string[]> => ({
  ...formOf(words),
  fallback: 'all',
  parse: list,
  initial: undefined,
})

/** What an exploration can be told beside what its sandbox is; flags of the command too. */
export const EXPLORE = {
  depth: given(wholeNumber(1, 2), '1', '--depth', 'N', 'Faults in one run, at most', '1 or 2'),
  jobs: given(wholeNumber(1, 64), '8', '--jobs', 'N', 'Runs at once', 'a whole number from 1 to 64'),
  max: given(wholeNumber(1, 1e6), '1000', '--max', 'N', 'Schedules tried, at most', 'a whole number from 1'),
  timeout: given(duration, '30s', '--timeout', 'DURATION', 'How long a run may take', `${DURATION_FORM}, up to "1h"`),
  only: some('--only', 'NAMES', 'Schedules to try, by their names in a report', 'names with commas between them'),
  faults: some('--faults', 'NAMES', 'Faults to try, such as reset,hang:after-commit', 'names with commas between them'),
  operations: some('--operations', 'NAMES', 'Operations to try, such as juspay.*', 'names or patterns with commas'),
  races: given(toggle, 'off', '--races', undefined, 'Let calls that overlap pass both ways round', 'true or false'),
  twice: given(
    toggle,
    'off',
    '--twice',
    undefined,
    'Start the flow twice at once too: a double click',
    'true or false',
  ),
} as const

type ValueOf<Some> = Some extends Setting<infer Value, infer Initial> ? Value | Initial : never

export type ExploreSettings = { readonly [Name in keyof typeof EXPLORE]: ValueOf<(typeof EXPLORE)[Name]> }

/** Parts what an exploration is told from what its sandbox is. @throws InputError for an option that is not allowed */
export function settle(given: ExploreOptions): { settings: ExploreSettings; options: Options } {
  const options: Record<string, unknown> = { ...given, reconcile: undefined, signal: undefined }
  const settings = Object.entries(EXPLORE).map(([name, { initial, parse, allowed }]) => {
    const { [name]: value } = options
    delete options[name]
    if (value === undefined) return [name, initial]
    const parsed = parse(value)
    if (parsed === undefined) throw new InputError(`options.${name}: is ${quote(value)}; allowed: ${allowed}`)
    return [name, parsed]
  })
  const { reconcile: _, signal: __, ...rest } = options
  return {
    settings: Object.fromEntries(settings) as unknown as ExploreSettings,
    options: { scenario: 'instant', ...rest },
  }
}
