import { Faults } from '../lib/errors.js'
import type { CatalogOperation, CatalogVendor } from './catalog.js'
import { type Context, compileModel, PUBLISHED, select } from './context.js'
import { isPattern } from './pattern.js'
import type { Program, TimedModel } from './program.js'
import { compileRule } from './rules.js'
import type { WholeScenario } from './schema.js'
import { shadowFinder } from './unreachable.js'
import { compileWindow, neverOpens } from './window.js'

/** Makes a scenario of right form ready to run, held against what the vendors have. @throws InputError */
export function compile(
  scenario: WholeScenario,
  vendors: readonly CatalogVendor[],
  where = scenario.name,
  placeOf = (path: string) => `${where}:${path}`,
  faults = new Faults(where),
): Program {
  const context: Context = {
    scenario,
    vendors,
    operations: vendors.flatMap((vendor) => vendor.operations),
    fault: (path, sentence) => faults.add(`${placeOf(path)}: ${sentence}`),
    listed: new Set(),
  }
  const latency = compileLatency(context)
  const given = scenario.rules ?? []
  const rules = given.map((rule, index) => compileRule(context, rule, index))
  // What a faulty rule would do is not known well enough to say what it hides.
  if (!faults.some) {
    const shadowOf = shadowFinder(rules)
    for (const rule of rules) {
      const other = shadowOf(rule)
      if (other)
        context.fault(
          `rules[${rule.index}]`,
          `can never fire, because rules[${other.index}] ("${other.name}") takes every request first; allowed: the narrower rule before the wider one`,
        )
    }
  }
  faults.refuse()
  return {
    name: scenario.name,
    scenario,
    latency,
    rules,
    answersPaths: rules.some(({ operations }) => operations.has('')),
    holds: rules.some(({ effect }) => effect.kind === 'hold'),
  }
}

function compileLatency(context: Context): Map<string, TimedModel[]> {
  const { scenario } = context
  const latency = new Map<string, TimedModel[]>()
  // A full name goes before a pattern, patterns among themselves as they are written.
  const entries = Object.entries(scenario.latency ?? PUBLISHED).sort(
    ([a], [b]) => Number(isPattern(a)) - Number(isPattern(b)),
  )
  for (const [pattern, given] of entries) {
    const path = `latency.${pattern}`
    const named = select(context, pattern, path)
    // Those that no earlier key has taken.
    const operations = named.filter(({ id }) => !latency.has(id))
    const isTimed = Array.isArray(given)
    const models = isTimed ? given : [{ model: given }]
    for (const [index, { window: during, model: asked }] of models.entries()) {
      const [place, purpose] = isTimed ? [`${path}[${index}].model`, `latency ${index}`] : [path, 'latency']
      const window = during === undefined ? null : compileWindow(during)
      const closed = window && neverOpens(window)
      if (closed) context.fault(`${path}[${index}].window${closed[0]}`, closed[1].replace('the rule', 'the model'))
      if (asked === 'published') reportUnpublished(context, named, place)
      const own = asked === 'published' ? undefined : compileModel(context, asked, place)
      for (const { id, latency: table } of operations) {
        const model = asked === 'published' && table ? compileModel(context, table, place, 'published') : own
        if (model) latency.set(id, [...(latency.get(id) ?? []), { window, purpose, model }])
      }
    }
  }
  return latency
}

function reportUnpublished(context: Context, operations: readonly CatalogOperation[], path: string): void {
  if (operations.length === 0 || operations.some(({ latency }) => latency)) return
  const having = context.operations.filter(({ latency }) => latency !== undefined).map(({ id }) => id)
  context.fault(
    path,
    `is "published", but no table is published for ${operations.map(({ id }) => id).join(', ')}; allowed: a model of your own, or one of ${having.join(', ')}`,
  )
}
