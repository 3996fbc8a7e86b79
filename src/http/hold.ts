import type { Call } from '../api/call.js'
import type { Outcome } from '../api/outcome.js'
import type { Entry } from '../journal/entry.js'
import type { HoldEffect, Rule } from '../scenarios/program.js'
import { ARRIVAL_PHASE } from '../scenarios/terms.js'

/** Parks a call before its turn where a rule says so, or a replay. @returns undefined where none does, at once */
export function parkArriving(call: Call, entry: Entry, outcome: Outcome): Promise<void> | undefined {
  const { scenario: run, holds } = call.merchant
  const { replayed } = holds
  const known = replayed && run.program.rules.find(({ name }) => name === replayed.rule)
  if (replayed && !known) {
    // Another scenario was set while the call was held: the one that held it has counted it.
    outcome.rule = replayed.rule
    outcome.held = { ...replayed, phase: ARRIVAL_PHASE }
    return undefined
  }
  const claimed = run.claim(ARRIVAL_PHASE, call, outcome.trace)
  const recorded = known?.phase === ARRIVAL_PHASE ? known : undefined
  const rule = replayed === undefined ? claimed : recorded
  if (rule) return park(rule, call, entry, outcome)
  holds.notice(run)
  return undefined
}

/** Parks a call until it is released, and notes in its outcome how. */
export async function park(rule: Rule, call: Call, entry: Entry, outcome: Outcome): Promise<void> {
  const { merchant, request, operationId: operation } = call
  const effect = rule.effect as HoldEffect
  outcome.rule = rule.name
  const view = {
    hold: effect.hold,
    call: entry.id,
    merchant: merchant.id,
    operation,
    request: `${request.method} ${request.path}`,
    since: new Date(merchant.clock.now()).toISOString(),
  }
  const held = await merchant.holds.wait(rule, merchant.scenario, view, request.signal)
  outcome.held = { ...held, phase: effect.phase }
  if (held.note !== undefined) outcome.warnings.push(held.note)
  if (held.release === 'lose') outcome.fault = { kind: 'reset', duration: 0 }
}
