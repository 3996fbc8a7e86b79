import type { Call, Params } from '../api/call.js'
import { evidenceOf } from '../api/coverage.js'
import type { Ending, Evidence } from '../api/evidence.js'
import { intervene } from '../api/intervene.js'
import { refuseSender } from '../api/origin.js'
import type { Outcome } from '../api/outcome.js'
import type { Answer, Operation, Target, Vendor } from '../api/vendor.js'
import { presentedIn, redact } from '../journal/redact.js'
import { Refusal } from '../lib/errors.js'

/** What a request is for, by its path. */
export interface Asked {
  readonly vendor: Vendor
  readonly params: Params
  /** Undefined when no route has the path and the method. */
  readonly target: Target | undefined
  /** Why no operation answers, where none does. */
  unrouted(method: string): Refusal
}

/** Everything between a call and its answer. Nothing is awaited, so no other call comes between. */
function handle(call: Call, outcome: Outcome, vendor: Vendor, operation: Operation): Answer {
  // 1. A rule that answers anyone.
  const early = intervene(call, outcome, 'before-auth')
  if (early) return early

  // 2. The key and the headers, except on the pages that a customer opens.
  if (operation.belongsTo === undefined) {
    const refusal = vendor.authenticate(call)
    if (refusal) return refuse(call, outcome, vendor, operation, refusal)
    vendor.checkHeaders(call, outcome)
  }
  if (call.body.fault) throw call.body.fault

  // 3. A rule in place of the operation.
  const instead = intervene(call, outcome, 'before-commit')
  if (instead) return instead

  // 4. The operation, which changes the state.
  const answer = operation.run(call, outcome)

  // 5. A rule that loses or spoils the answer to what was done.
  const after = operation.changes ? intervene(call, outcome, 'after-commit') : undefined
  if (after) return after

  // 6. What the answer rests on. An answer with a fault is no longer the vendor's.
  if (outcome.fault === undefined) grade(call, outcome, 'success', operation.evidence)
  return answer
}

/** What the scenario answers at a path that no operation has. @throws Refusal of the vendor's authentication */
function answerPath(call: Call, outcome: Outcome, vendor: Vendor): Answer | undefined {
  if (!call.merchant.scenario.answersPath(call)) return undefined
  const early = intervene(call, outcome, 'before-auth')
  if (early) return early
  const refusal = vendor.authenticate(call) ?? call.body.fault
  if (refusal) throw refusal
  return intervene(call, outcome, 'before-commit')
}

function grade({ options, operationId }: Call, outcome: Outcome, ending: Ending, evidence: Evidence): void {
  outcome.evidence = evidence
  const date = options.confirmed?.[`${operationId} ${ending}`]
  outcome.grade = date === undefined ? evidence.grade : `observed, ${date}`
}

/** The answer to a call, at once or, with a data folder, when all that the call changed or saw is stored. */
export function respond(
  call: Call,
  outcome: Outcome,
  operation: Operation | undefined,
  { vendor, target, unrouted }: Asked,
): Answer | Promise<Answer> {
  const { identity, merchant, request } = call
  const refused = (error: unknown) => refuse(call, outcome, vendor, operation, error)
  try {
    const unserved = identity.unavailable ?? refuseSender(call)
    if (unserved) throw unserved
    if (operation) {
      const answer = merchant.state.committed(() => handle(call, outcome, vendor, operation))
      return answer instanceof Promise ? answer.catch(refused) : answer
    }
    const stub = target ? undefined : answerPath(call, outcome, vendor)
    if (stub) return stub
    throw (target && vendor.authenticate(call)) ?? call.body.fault ?? unrouted(request.method)
  } catch (error) {
    return refused(error)
  }
}

/** The refusal in the vendor's words. An error that is not a refusal is a defect of the sandbox, and says so. */
export function refuse(call: Call, outcome: Outcome, vendor: Vendor, operation: Operation | undefined, error: unknown) {
  const refusal = error instanceof Refusal ? error : new Refusal('server_error', failureOf(error))
  const form = vendor.errors[refusal.name] ?? vendor.errors.server_error!
  const note = call.identity.note
  outcome.reason = withoutCredentials(call, note === undefined ? refusal.reason : `${refusal.reason} ${note}`)
  outcome.refusal = refusal.name
  if (refusal.name === 'forbidden' && !(operation?.errors?.forbidden ?? vendor.errors.forbidden)) return FORBIDDEN
  const answer = (operation?.errors?.[refusal.name]?.answer ?? form.answer)(refusal, call)
  grade(call, outcome, refusal.name, answer.evidence ?? evidenceOf(vendor, operation, refusal.name))
  return refusal.details.headers ? { ...answer, headers: { ...answer.headers, ...refusal.details.headers } } : answer
}

const failureOf = (error: unknown) => `The sandbox itself failed: ${(error as Error)?.message ?? error}`

/** What the sandbox itself forbids, where the vendor has no form for it. */
const FORBIDDEN: Answer = { status: 403, text: '' }

/** A sentence may name the key that was sent where that works; any other is not repeated. */
function withoutCredentials(call: Call, sentence: string): string {
  const { key, merchant } = call
  const secrets = presentedIn({ authorization: call.header('authorization'), key, merchant: merchant.id })
  return redact(call.apiKey?.status === 'active' ? secrets.filter((secret) => secret !== key) : secrets, sentence)
}
