import { getOrMake } from '../lib/get-or-make.js'

/** Upper edges of the buckets of durations, in seconds: from an answer at once to beyond every client's patience. */
const EDGES = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** Rules have the names that users give them, and a long run may set any number of scenarios. */
const MAX_SERIES = 2_000
const OTHER_RULES = 'other'

interface Durations {
  /** By bucket, the last one for what is longer than every edge. */
  readonly buckets: number[]
  seconds: number
}

const noDurations = (): Durations => ({ buckets: new Array(EDGES.length + 1).fill(0), seconds: 0 })

/** Counts of a sandbox since it was started, in the text format of Prometheus. They only grow, whatever is reset. */
export class Metrics {
  /** By operation, status and rule. */
  readonly #calls = new Map<string, number>()
  readonly #durations = new Map<string, Durations>()
  /** By event and status. */
  readonly #deliveries = new Map<string, number>()

  /** @param status null where the client got none @param ms from arrival to answer */
  addCall(operation: string, status: number | null, rule: string | null, ms: number): void {
    const key = keyOf(operation, status, rule ?? '')
    const isKnown = rule === null || this.#calls.has(key) || this.#calls.size < MAX_SERIES
    increment(this.#calls, isKnown ? key : keyOf(operation, status, OTHER_RULES))
    const durations = getOrMake(this.#durations, operation, noDurations)
    const seconds = ms / 1000
    const bucket = EDGES.findIndex((edge) => seconds <= edge)
    durations.buckets[bucket < 0 ? EDGES.length : bucket]!++
    durations.seconds += seconds
  }

  /** @param status null where the receiver gave none */
  addDelivery(event: string, status: number | null): void {
    increment(this.#deliveries, keyOf(event, status))
  }

  /** Lines of the text format, version 0.0.4. */
  toText(): string {
    return [
      ...family('calls_total', 'counter', 'Calls answered, by operation, status and the rule of the scenario.'),
      ...counts('calls_total', ['operation', 'status', 'rule'], this.#calls),
      ...family('call_duration_seconds', 'histogram', 'Time from the arrival of a call to its answer.'),
      ...[...this.#durations].flatMap(([operation, durations]) => histogram(operation, durations)),
      ...family('deliveries_total', 'counter', "Attempts to deliver an event, by event and the receiver's status."),
      ...counts('deliveries_total', ['event', 'status'], this.#deliveries),
      '',
    ].join('\n')
  }
}

const keyOf = (name: string, status: number | null, rule?: string) =>
  `${name}\0${status ?? 'none'}${rule === undefined ? '' : `\0${rule}`}`

const increment = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1)

const family = (name: string, type: string, help: string) => [
  `# HELP wallet_sandbox_${name} ${help}`,
  `# TYPE wallet_sandbox_${name} ${type}`,
]

const counts = (name: string, labels: readonly string[], values: ReadonlyMap<string, number>) =>
  Array.from(values, ([key, value]) => {
    const parts = key.split('\0')
    return line(name, Object.fromEntries(labels.map((label, i) => [label, parts[i]!])), value)
  })

function histogram(operation: string, { buckets, seconds }: Durations): string[] {
  let total = 0
  const lines = buckets.map((count, i) => {
    total += count
    return line('call_duration_seconds_bucket', { operation, le: EDGES[i] ?? '+Inf' }, total)
  })
  return [
    ...lines,
    line('call_duration_seconds_sum', { operation }, seconds),
    line('call_duration_seconds_count', { operation }, total),
  ]
}

function line(name: string, labels: Readonly<Record<string, string | number>>, value: number): string {
  const shown = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(String(text))}"`)
  return `wallet_sandbox_${name}{${shown.join(',')}} ${value}`
}

const escapeLabel = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
