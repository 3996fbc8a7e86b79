import { didYouMean } from '../lib/did-you-mean.js'
import { durationMs } from '../lib/duration.js'
import { ERROR_NAMES, type ErrorName } from '../lib/errors.js'
import { minorOf } from '../wallets/money.js'
import type { CatalogOperation, CatalogVendor } from './catalog.js'
import { conditionsOf } from './conditions.js'
import { type Context, compileModel, hint, select } from './context.js'
import { errorMeant, operationsAt } from './hints.js'
import { matcher } from './pattern.js'
import { type Effect, EVERY_CALL, type Rule, type When } from './program.js'
import type { ScenarioModel, ScenarioRule } from './schema.js'
import { ANSWERLESS, ARRIVAL_PHASE, EVENT_PHASE, type Phase, type StateEffect } from './terms.js'
import { neverFires } from './unreachable.js'
import { compileWindow } from './window.js'

/** A rule made ready to run; its faults are reported to the context. */
export function compileRule(context: Context, given: ScenarioRule, index: number): Rule {
  const path = `rules[${index}]`
  const { match = {} } = given
  const { delay } = given.effect as { delay?: ScenarioModel }
  const operations = match.path === undefined ? select(context, match.operation ?? '*', `${path}.match.operation`) : []
  const effect = compileEffect(context, given, operations, `${path}.effect`)
  const phase = given.phase ?? defaultPhase(effect, operations)
  const when = compileWhen(given.when)
  const faults = [
    ...phaseFaults(effect, phase, operations),
    ...pointless(context, given, operations),
    ...pathFaults(context, given),
    ...(match.event === undefined ? [] : eventFaults(context, match.event)),
    ...neverFires(when),
  ]
  for (const [within, sentence] of faults) context.fault(`${path}${within}`, sentence)
  return {
    index,
    name: given.name,
    operations: new Set(match.path === undefined ? operations.map(({ id }) => id) : ['']),
    conditions: conditionsOf(match),
    when,
    effect,
    delay: (delay && compileModel(context, delay, `${path}.effect.delay`)) ?? null,
    phase: effect.kind === 'hold' && phase !== 'after-commit' ? ARRIVAL_PHASE : phase,
  }
}

/** Faults that spoil an answer, so that the operation must have run. */
const spoilsAnswer = (effect: Effect) => effect.kind === 'fault' && !ANSWERLESS.has(effect.fault.kind)

/** A revoked key fails the very request that revokes it. A fault of the body needs an answer to spoil. */
function defaultPhase(effect: Effect, operations: readonly CatalogOperation[]): Phase {
  if (effect.kind === 'webhook') return EVENT_PHASE
  if (spoilsAnswer(effect) && operations.length > 0 && operations.every(({ changes }) => changes)) return 'after-commit'
  return effect.kind === 'state' && effect.state === 'revoke-key' ? 'before-auth' : 'before-commit'
}

function compileWhen({ nth, window, ...counts }: NonNullable<ScenarioRule['when']> = {}): When {
  return {
    ...EVERY_CALL,
    // JSON has no undefined.
    ...(counts as Partial<When>),
    nth: nth === undefined ? null : new Set([nth].flat()),
    window: window === undefined ? null : compileWindow(window),
  }
}

/** How long an event is late, a call held and a body dribbled by default. */
const LATE_MS = 30_000
const HOLD_MS = 30_000
const DRIBBLE_MS = 1000

function compileEffect(
  context: Context,
  { effect, phase = 'before-commit' }: ScenarioRule,
  operations: readonly CatalogOperation[],
  path: string,
): Effect {
  if ('error' in effect) return { kind: 'error', error: errorName(context, effect.error, operations, `${path}.error`) }
  if ('response' in effect) return responseOf(effect)
  if ('fault' in effect) {
    const { fault, duration } = effect
    if (duration !== undefined && fault !== 'dribble')
      context.fault(`${path}.duration`, `is given for "${fault}"; allowed: a duration for "dribble" alone`)
    return { kind: 'fault', fault: { kind: fault, duration: durationMs(duration ?? DRIBBLE_MS) } }
  }
  if ('webhook' in effect) {
    const { webhook, by } = effect
    if (by !== undefined && webhook !== 'late')
      context.fault(`${path}.by`, `is given for "${webhook}"; allowed: a duration for "late" alone`)
    return { kind: 'webhook', webhook, by: durationMs(by ?? LATE_MS) }
  }
  if ('hold' in effect) {
    const { hold, until = Number.POSITIVE_INFINITY, for: time = HOLD_MS } = effect
    return { kind: 'hold', hold, until, ms: durationMs(time), phase }
  }
  if ('state' in effect)
    return { kind: 'state', state: effect.state, balance: stateBalance(context, effect, `${path}.balance`) }
  return { kind: 'delay' }
}

function responseOf({ response }: Extract<ScenarioRule['effect'], { response: unknown }>): Effect {
  const { status, headers = {}, body } = response
  const isText = typeof body === 'string'
  return {
    kind: 'response',
    status,
    headers: {
      'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json',
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    },
    body: body === undefined ? '' : isText ? body : JSON.stringify(body),
  }
}

function stateBalance(context: Context, effect: { state: string; balance?: number | undefined }, path: string): number {
  const { state, balance } = effect
  if (state !== 'provider-balance') {
    if (balance !== undefined)
      context.fault(path, `is given for "${state}"; allowed: a balance for "provider-balance" alone`)
    return 0
  }
  const minor = balance === undefined ? undefined : minorOf(balance)
  if (minor !== undefined) return minor
  const found = balance === undefined ? 'is missing; required' : `is ${balance}; allowed`
  context.fault(path, `${found}: an amount with at most two decimals, such as 95.5`)
  return 0
}

/** Whether one of these operations is a vendor's that has no words for an error. */
const isSpeechless = (vendor: CatalogVendor, operations: readonly CatalogOperation[], error: ErrorName) =>
  vendor.operations.some((own) => !(own.errors?.[error] ?? vendor.errors[error]) && operations.includes(own))

function errorName(context: Context, given: string, operations: readonly CatalogOperation[], path: string): ErrorName {
  const name = ERROR_NAMES.find((known) => known === given)
  if (name === undefined) {
    context.fault(path, `is "${given}", which is not an error.${hint(context, ERROR_NAMES, errorMeant(given))}`)
    return 'server_error'
  }
  const lacking = (error: ErrorName) => context.vendors.find((vendor) => isSpeechless(vendor, operations, error))
  const speechless = lacking(name)
  if (speechless) {
    const having = ERROR_NAMES.filter((known) => lacking(known) === undefined)
    context.fault(
      path,
      `is "${name}", for which ${speechless.name} has no form; allowed for the operations matched: ${having.join(', ')}`,
    )
  }
  return name
}

type RuleFault = readonly [within: string, sentence: string]

function* phaseFaults(effect: Effect, phase: Phase, operations: readonly CatalogOperation[]): Generator<RuleFault> {
  if (effect.kind === 'webhook') {
    if (phase !== EVENT_PHASE)
      yield ['.phase', 'is given for an effect on events; allowed: no phase, as they follow the change']
  } else if (phase !== 'after-commit') {
    if (spoilsAnswer(effect) && defaultPhase(effect, operations) === 'after-commit')
      yield [
        '.phase',
        `is "${phase}", but a fault that spoils the answer comes after the change; allowed: "after-commit", or another fault`,
      ]
  } else if (effect.kind === 'state')
    yield ['.phase', 'is "after-commit"; allowed for a state effect: "before-auth", "before-commit"']
  else if (operations.length > 0 && !operations.some(({ changes }) => changes))
    yield [
      '.phase',
      'is "after-commit", but no operation matched changes anything; allowed: "before-auth", "before-commit"',
    ]
}

/** A name or pattern of events that no vendor sends. */
function* eventFaults(context: Context, given: string): Generator<RuleFault> {
  const events = context.vendors.flatMap((vendor) => vendor.events ?? [])
  if (!events.some(matcher(given)))
    yield ['.match.event', `is "${given}", which names no event.${hint(context, events, didYouMean(given, events))}`]
}

/** States that only some operations can come to. */
const NEEDS: Readonly<
  Partial<Record<StateEffect, { has(operation: CatalogOperation): boolean | undefined; does: string }>>
> = {
  'bad-signature': { has: ({ signs }) => signs, does: 'signs anything' },
  'manual-review': { has: ({ isReviewed }) => isReviewed, does: 'refunds anything' },
}

const namesWallet = ({ vendors }: Context, operation: CatalogOperation) =>
  operation.names?.wallet !== undefined ||
  vendors.some(({ endpoints }) =>
    endpoints.some(({ path, operations }) => path.includes(':wallet') && operations.includes(operation)),
  )

/** A condition that none of the rule's operations can meet. */
function* pointless(
  context: Context,
  { match = {}, effect }: ScenarioRule,
  operations: readonly CatalogOperation[],
): Generator<RuleFault> {
  if (operations.length === 0) return
  const having = (has: (operation: CatalogOperation) => boolean | undefined) =>
    Array.from(context.operations.filter(has), ({ id }) => id).join(', ')
  if (match.wallet !== undefined && !operations.some((one) => namesWallet(context, one)))
    yield [
      '.match.wallet',
      'is given, but no operation matched names a wallet; allowed: a match by "customer", or an operation of a wallet',
    ]
  if ('webhook' in effect && !operations.some(({ emits }) => emits))
    yield [
      '.effect.webhook',
      `is given, but no operation matched sends events; allowed: ${having(({ emits }) => emits)}`,
    ]
  if (match.event !== undefined && !('webhook' in effect))
    yield ['.match.event', 'is given, but the effect is on the request; allowed: with {"webhook"} alone']
  if (!('state' in effect)) return
  const providers = context.vendors.filter(({ holdsAtProviders }) => holdsAtProviders)
  const kept = (operation: CatalogOperation) => providers.some(({ operations: own }) => own.includes(operation))
  const needs = NEEDS[effect.state]
  if (needs && !operations.some(needs.has))
    yield [
      '.effect.state',
      `is "${effect.state}", but no operation matched ${needs.does}; allowed: ${having(needs.has)}`,
    ]
  if (effect.state !== 'revoke-key' && !operations.some(kept))
    yield [
      '.effect.state',
      `is "${effect.state}", but no operation matched is of wallets kept at a provider; allowed: operations of ${providers.map(({ name }) => name).join(', ')}`,
    ]
}

/** What names something that a request has only where an operation answers it. */
const OF_OPERATIONS = ['operation', 'customer', 'wallet', 'event'] as const
const OF_PATHS = ['response', 'fault', 'delay']

/** What does not go together with a path, and a path that an operation has. */
function* pathFaults(context: Context, { match = {}, effect, phase }: ScenarioRule): Generator<RuleFault> {
  if (match.path === undefined) {
    if (match.method !== undefined) yield ['.match.method', 'is given without a path; allowed: with "path" alone']
    return
  }
  for (const field of OF_OPERATIONS)
    if (match[field] !== undefined)
      yield [`.match.${field}`, 'is given beside a path, which no operation has; allowed: one of both']
  if (!OF_PATHS.some((kind) => kind in effect))
    yield ['.effect', `is ${JSON.stringify(effect)} for a path; allowed: ${OF_PATHS.join(', ')}`]
  if (phase === 'after-commit')
    yield ['.phase', 'is "after-commit" for a path; allowed: "before-auth", "before-commit"']
  const example = match.path.replaceAll(/[*?]/g, 'x')
  const [owner] = operationsAt(context.vendors, example, match.method)
  if (owner)
    yield [
      '.match.path',
      `is "${match.path}", where ${owner.id} answers; allowed: a path and method that no operation has, or "operation": "${owner.id}"`,
    ]
}
