import { PUBLISHED } from './context.js'
import { isPattern, matcher } from './pattern.js'
import type { Scenario, WholeScenario } from './schema.js'

/** A scenario as it was written. */
export interface Link {
  readonly given: Scenario
  /** What its faults are called by. */
  readonly where: string
  /** Its path; undefined for one that ships, or was given as a value. */
  readonly file: string | undefined
}

interface Merged {
  readonly scenario: WholeScenario
  /** The place of a part of it, such as `rules[0]`, in the scenario that has it. */
  placeOf(path: string): string
}

/** A scenario together with what it extends. @param chain itself first, then what each extends */
export function merged([link, ...parents]: readonly Link[]): Merged {
  const { given, where } = link!
  const { extends: _, ...own } = given
  const ownPlace = (path: string) => `${where}:${path}`
  if (parents.length === 0) return { scenario: { ...own, name: own.name! }, placeOf: ownPlace }
  const { scenario: parent, placeOf: parentPlace } = merged(parents)
  const { rules: ownRules = [], latency: ownLatency } = own
  const latency = mergedLatency(ownLatency, parent.latency)
  const { $schema, ...inherited } = parent
  return {
    scenario: {
      ...inherited,
      ...own,
      name: own.name ?? parent.name,
      ...(latency && { latency }),
      rules: [...ownRules, ...(parent.rules ?? [])],
    },
    placeOf: (path) => {
      const [, index, rest] = /^rules\[(\d+)\](.*)$/s.exec(path) ?? []
      if (index !== undefined)
        return Number(index) < ownRules.length
          ? ownPlace(path)
          : parentPlace(`rules[${Number(index) - ownRules.length}]${rest}`)
      const isOwn = ownLatency && Object.keys(ownLatency).some((key) => path.startsWith(`latency.${key}`))
      return isOwn || !path.startsWith('latency.') ? ownPlace(path) : parentPlace(path)
    },
  }
}

type Latency = Scenario['latency']

/** The models of both, where one of the child's wins over each of the parent's that it meets. */
function mergedLatency(child: Latency, parent: Latency): Latency {
  if (child === undefined || Object.keys(child).length === 0) return child ?? parent
  // An id goes before a pattern, also one of the child's.
  const covers = Object.keys(child).map((key) => matcher(key))
  const rest = Object.entries(parent ?? PUBLISHED).filter(
    ([key]) => !(key in child) && (isPattern(key) || !covers.some((covered) => covered(key))),
  )
  return { ...child, ...Object.fromEntries(rest) }
}
