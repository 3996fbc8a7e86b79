import type { Fixtures } from '../fixture-files/schema.js'
import type { Scenario } from '../scenarios/schema.js'

/** What a session came to, as it is written. */
export interface Recorded {
  readonly fixtures: Fixtures
  readonly scenario: Scenario
  /** One sentence each: the keys, what could not be stored and why, errors and latencies seen. */
  readonly report: readonly string[]
}
