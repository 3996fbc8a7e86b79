import { Clock } from '../lib/clock.js'
import type { Subject } from './conditions.js'
import { ScenarioRun } from './engine.js'
import { exampleOf } from './pattern.js'
import type { Program } from './program.js'
import type { ScenarioRule } from './schema.js'
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
    const run = new ScenarioRun(program, 1, 'merchant', clock)
    const subject = subjectOf(program.scenario.rules![index]!, [...rule.operations][0]!)
    for (let call = 0; call < CALLS; call++) {
      CALL_PHASES.find((phase) => run.claim(phase, subject))
      run.claim(EVENT_PHASE, subject)
      clock.advance(APART_MS)
    }
    return run.counts[index]!.fired
  })
}

/** A request that the rule matches. */
function subjectOf({ match = {} }: ScenarioRule, operationId: string): Subject {
  const example = (pattern: string | undefined, other: string) => (pattern === undefined ? other : exampleOf(pattern))
  const named = (patterns: Record<string, string> = {}, name: string) => {
    const found = Object.keys(patterns).find((given) => given.toLowerCase() === name.toLowerCase())
    return found === undefined ? undefined : exampleOf(patterns[found]!)
  }
  return {
    operationId,
    ...(match.path === undefined ? {} : { path: exampleOf(match.path), method: match.method ?? 'GET' }),
    resource: 'resource',
    customerNames: [example(match.customer, 'customer')],
    walletName: example(match.wallet, 'wallet'),
    key: example(match.apiKey, 'key'),
    merchantId: example(match.merchant, 'merchant'),
    eventName: example(match.event, 'EVENT'),
    header: (name) => named(match.header, name) ?? null,
    parameter: (name) => named(match.query, name) ?? null,
    field: (name) => named(match.body, name),
  }
}
