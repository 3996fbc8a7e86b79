import { duration, list, number, type Options, omit, onOff, optionsOf, SETTINGS, settleOptions } from '../config.js'
import type { MerchantControl } from '../control/control.js'
import type { Access } from '../lib/access.js'
import { InputError } from '../lib/errors.js'
import { quote } from '../lib/text.js'

/** What a flow is given of the merchant that it runs against. Its `fetch` needs no socket. */
export interface FlowContext extends Access {
  /** Signs what a browser brings back to the shop. */
  readonly responseKey: string
  readonly control: MerchantControl
  /** From 0; no two flows that run at once have the same: for a port of its own. */
  readonly job: number
  /** Aborts when the flow is over, or has run out of time. */
  readonly signal: AbortSignal
}

/**
 * What a shop does with the vendor. It resolves with what it says of it, which JSON has a form for, rejects where it has
 * failed, and resolves with `{ outcome: 'pending' }` where it cannot know yet.
 */
export type Flow = (context: FlowContext) => unknown

export interface ExploreOptions extends Omit<Options, 'data' | 'watch' | 'log' | 'maxMerchants'> {
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

/** What an exploration can be told, some of it what its sandbox is; flags of the command too. */
export const EXPLORE = {
  ...omit(SETTINGS, 'port', 'host', 'urlFile', 'data', 'watch', 'log', 'maxMerchants'),
  depth: number('1', 'Faults in one run, at most', 1, 2),
  jobs: number('8', 'Runs at once', 1, 64),
  max: number('1000', 'Schedules tried, at most', 1, 1e6),
  timeout: duration('30s', 'How long a run may take', [1, 3_600_000, 'up to "1h"']),
  only: list('Schedules to try, by their names in a report', 'names with commas between them'),
  faults: list('Faults to try, such as reset,hang:after-commit', 'names with commas between them'),
  operations: list('Operations to try, such as juspay.*', 'names or patterns with commas'),
  races: onOff('Let calls that overlap pass both ways round'),
  twice: onOff('Start the flow twice at once too: a double click'),
} as const

export type ExploreSettings = ReturnType<typeof settle>

/** What an exploration is told, with what holds where nothing is given. @throws InputError for what is not allowed */
export function settle(flow: Flow, given: ExploreOptions) {
  const { reconcile, signal, ...options } = optionsOf(given, [...Object.keys(EXPLORE), 'reconcile', 'signal'])
  for (const [name, value] of Object.entries({ flow, 'options.reconcile': reconcile ?? flow }))
    if (typeof value !== 'function') throw new InputError(`${name}: is ${quote(value)}; allowed: a function`)
  const settings = settleOptions({ ...SETTINGS, ...EXPLORE }, { scenario: 'instant', maxMerchants: 1e5, ...options })
  return { ...settings, flow, reconcile, signal }
}
