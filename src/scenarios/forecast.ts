import { Clock } from '../lib/clock.js'
import type { Condition, Subject } from './conditions.js'
import { matches, ScenarioRun } from './engine.js'
import { exampleOf } from './pattern.js'
import type { Program, Rule } from './program.js'
import { CALL_PHASES, EVENT_PHASE } from './terms.js'

/** Calls tried per rule, and the time between two of them on the sandbox's clock, in ms. */
const CALLS = 1000
const APART_MS = 1000

/**
 * How often each rule fires in 1,000 calls, one a second, that it matches and that name the same customer or wallet. The
 * first is at the start of its daily window. Found by running the scenario, so that what earlier rules take is not counted.
 */
export function forecast(program: Program): number[] {
  return program.rules.map((rule, index) => {
    const clock = new Clock(rule.when.window?.daily?.from ?? 0)
    const subject = subjectOf(rule)
    const rules = program.rules.filter((other) => matches(other, subject))
    const run = new ScenarioRun({ ...program, rules }, 1, 'merchant', clock)
    for (let call = 0; call < CALLS; call++) {
      CALL_PHASES.find((phase) => run.claim(phase, subject))
      run.claim(EVENT_PHASE, subject)
      clock.advance(APART_MS)
    }
    // One whose conditions no call meets together is not among them.
    return run.counts[index]?.fired ?? 0
  })
}

/** A request that the rule matches. */
function subjectOf({ operations, conditions }: Rule): Subject {
  const example = (field: Condition['field'], name = '') => {
    const condition = conditions.find((each) => each.field === field && each.name === name)
    return condition && exampleOf(condition.pattern)
  }
  return {
    operationId: [...operations][0]!,
    path: example('path') ?? '/',
    method: example('method') ?? 'GET',
    resource: 'resource',
    customerNames: [example('customer') ?? 'customer'],
    walletName: example('wallet') ?? 'wallet',
    key: example('apiKey') ?? 'key',
    merchantId: example('merchant') ?? 'merchant',
    eventName: example('event') ?? 'EVENT',
    header: (name) => example('header', name) ?? null,
    parameter: (name) => example('query', name) ?? null,
    field: (name) => example('body', name),
  }
}
