import { compile } from '../scenarios/compile.js'
import type { Program } from '../scenarios/program.js'
import { readProgram } from '../scenarios/read.js'
import type { Scenario, WholeScenario } from '../scenarios/schema.js'
import { checkInput } from './check.js'
import type { Scope } from './scope.js'

/** A scenario, and for each rule how many requests it matched and on how many it fired. It can be put as it is. */
type ScenarioReport = Omit<WholeScenario, 'rules'> & {
  readonly rules: readonly (NonNullable<Scenario['rules']>[number] & {
    readonly matched: number
    readonly fired: number
    /** The match on which it fires next, of what it matched last; null for never again, not now, or by chance only. */
    readonly next: { readonly call: number; readonly resource: string } | null
  })[]
}

export interface ScenarioControl {
  /** The merchant's scenario; of all merchants the server's, with the counts of every merchant that runs it. */
  get(): Promise<ScenarioReport>
  /**
   * Sets a shipped scenario by its name, or the one given. Its counters start anew.
   *
   * @example
   * await sandbox.control.scenario.put('flaky')
   */
  put(scenario: string | Scenario): Promise<ScenarioReport>
  /** No scenario: no delay, no rule. */
  delete(): Promise<ScenarioReport>
}

const NONE: WholeScenario = { name: 'none', latency: {} }

export function scenarioControl(scope: Scope): ScenarioControl {
  const get = async () => report(scope)
  const set = (program: Program) => {
    for (const merchant of scope.merchants())
      merchant.perform('scenario.put', program.scenario, () => merchant.setScenario(program))
    return get()
  }
  return {
    get,
    put: async (given) => set(await programOf(given, scope)),
    delete: () => set(compile(NONE, scope.vendors)),
  }
}

/** @throws InputError naming every fault */
export async function programOf(given: unknown, { vendors }: Pick<Scope, 'vendors'>): Promise<Program> {
  const scenario = await checkInput('scenarioOrName', given, 'scenario')
  const { name, ...rest } = typeof scenario === 'string' ? { name: scenario } : scenario
  const isName = typeof name === 'string' && Object.keys(rest).length === 0
  const source = isName ? name : withoutCounts(scenario as object)
  // A name is never a path: the control API opens no file that a caller chooses.
  return (await readProgram(source, vendors, { files: false })).program
}

/** What a report adds is not a part of a scenario. */
function withoutCounts(scenario: { rules?: unknown }): object {
  if (!Array.isArray(scenario.rules)) return scenario
  const rules = scenario.rules.map((rule) => {
    if (typeof rule !== 'object' || rule === null) return rule
    const { matched, fired, next, ...rest } = rule as ScenarioReport['rules'][number]
    return rest
  })
  return { ...scenario, rules }
}

function report(scope: Scope): ScenarioReport {
  const lead = scope.lead().scenario
  const { program } = lead
  const runs = scope.merchants().flatMap(({ scenario }) => (scenario.program === program ? [scenario] : []))
  const total = (index: number, what: 'matched' | 'fired') =>
    runs.reduce((sum, { counts }) => sum + counts[index]![what], 0)
  const rules = (program.scenario.rules ?? []).map((rule, index) => ({
    ...rule,
    matched: total(index, 'matched'),
    fired: total(index, 'fired'),
    next: (runs.find(({ counts }) => counts[index]!.matched > 0) ?? lead).next(program.rules[index]!),
  }))
  return { ...program.scenario, rules }
}
