import type { Held, ShownGrade } from '../journal/entry.js'
import type { ErrorName } from '../lib/errors.js'
import type { TraceStep } from '../scenarios/engine.js'
import type { Fault, Rule } from '../scenarios/program.js'
import type { Phase } from '../scenarios/terms.js'
import type { Pair } from '../wallets/changes.js'
import type { Customer } from '../wallets/model.js'
import type { Evidence } from './evidence.js'

/** What happens to a call: filled in as it is handled. */
export class Outcome {
  /** The delay drawn, in ms; undefined while no model applies. */
  delay: number | undefined
  /** Name of the scenario rule that fired. */
  rule: string | undefined
  fault: Fault | undefined
  evidence: Evidence | undefined
  /** How the evidence is graded, or when it was confirmed. */
  grade: ShownGrade | undefined
  /** Why the call is refused, in one sentence. */
  reason: string | undefined
  /** Whether what is signed is to have a wrong signature. */
  badSignature = false
  /** Whether a refund is to wait for a person's review. */
  manualReview = false
  /** The error of that reason. */
  refusal: ErrorName | undefined
  /** Wallets of the answer whose provider holds another balance than the one shown. */
  outdated: readonly string[] = []
  /** What must have happened before the answer goes out. */
  beforeAnswer: (() => Promise<void>) | undefined
  /** How the call was held and released, and at which phase it goes on. */
  held: (Held & { readonly phase: Phase }) | undefined
  /** The rule that holds it once its change is made. */
  heldBy: Rule | undefined
  readonly warnings: string[] = []
  /** Customers that were replaced; undefined where nothing can be. */
  puts: Pair<Customer>[] | undefined
  readonly trace: TraceStep[] = []
}
