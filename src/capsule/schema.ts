import { z } from 'zod'
import { allowed, check, list, oneOf, record, wholeNumber } from '../lib/check.js'
import { parseTime } from '../lib/clock.js'
import { InputError } from '../lib/errors.js'
import { readJson } from '../lib/files.js'
import { type JsonObject, objects } from '../lib/json.js'
import { quote } from '../lib/text.js'
import { FORMAT } from './format.js'

const time = () => z.string().refine((text) => parseTime(text) !== undefined, allowed('a time as a capsule has it'))
const count = () => wholeNumber(0)
const milliseconds = () => z.number(allowed('milliseconds'))
const orNull = <Type extends z.ZodType>(type: Type) => z.union([type, z.null()])
/** A scenario with what it extends put in: a stranger's file names no other. */
const wholeScenario = () =>
  z.looseObject({}).refine((scenario) => !Object.hasOwn(scenario, 'extends'), allowed('a scenario without "extends"'))

const request = z.looseObject({
  method: z.string(),
  /** Without a fragment. */
  url: z.string(),
  /** Names and values, as they came. */
  headers: list(z.tuple([z.string(), z.string()])),
  body: z.string(),
  /** Why the body is not what was sent. */
  unread: oneOf(['too large', 'broken off', 'undecoded']).optional(),
})

const answer = z.looseObject({
  /** Null where the client hung up: then nothing of the answer is known. */
  status: orNull(z.int(allowed('a status, 0 for none, or null'))),
  headers: record(z.string(), z.string(), allowed('an object of texts')),
  body: z.string(),
  fault: orNull(z.string()),
  rule: orNull(z.string()),
  latencyMs: orNull(milliseconds()),
})

/** How a held call was released. */
const held = z.looseObject({
  rule: z.string(),
  release: z.union([z.literal(['answer', 'lose']), z.looseObject({ error: z.string() })]),
})

const call = z.looseObject({
  /** Its number in the journal. */
  id: wholeNumber(1),
  at: time(),
  arrived: time(),
  request,
  answer: orNull(answer),
  /** In ms on the machine's clock: its arrival since that of the first call, its duration, and when its client hung up. */
  measured: z
    .looseObject({ arrived: milliseconds(), took: orNull(milliseconds()), hungUp: orNull(milliseconds()) })
    .optional(),
  /** Left out for one that was not held. */
  held: held.optional(),
})
const action = z.looseObject({ at: time(), after: time(), control: z.string(), input: z.unknown() })
const step = z.union([call, action], allowed('a request with its answer, or a control action'))

const run = z.looseObject({
  startedAt: time(),
  rules: list(
    z.looseObject({ matched: count(), fired: count(), on: list(z.tuple([z.string(), count(), count(), count()])) }),
  ),
  drawn: list(z.tuple([z.string(), z.string(), count()])),
})

const delivery = z.looseObject({
  event: z.string(),
  name: z.string(),
  order: z.string(),
  url: orNull(z.string()),
  attempt: count(),
  at: time(),
  status: orNull(count()),
  reason: orNull(z.string()),
  next: orNull(z.string()),
  rule: orNull(z.string()),
  body: z.unknown(),
})

export const capsuleSchema = z.looseObject({
  capsule: z.literal(FORMAT),
  /** Of the sandbox that made it. */
  version: z.string(),
  /** When, on the merchant's clock. */
  made: time().optional(),
  merchant: z.string(),
  options: z.looseObject({ scenario: wholeScenario() }),
  /** What the merchant was made of. */
  fixtures: z.looseObject({ merchants: list(z.looseObject({})).length(1, allowed('one merchant')) }),
  beginning: z.looseObject({
    at: time(),
    /** How many requests and control actions came before. */
    skipped: count(),
    scenario: wholeScenario(),
    latency: z.string(),
    run,
    calls: list(z.tuple([z.string(), count()])),
    routing: list(z.tuple([z.string(), z.string()])),
    deliveries: list(delivery),
    /** Left out where it is the fixtures. */
    state: z.looseObject({}).optional(),
  }),
  steps: list(step),
  /** Each with the number of steps that came before it. */
  webhooks: list(delivery.extend({ after: count() })),
  /** Whether signatures were taken out, because the key that they follow from was. */
  unsigned: z.boolean(),
})

export type Capsule = z.output<typeof capsuleSchema>
export type CallStep = z.output<typeof call>
export type RecordedDelivery = Capsule['webhooks'][number]
export type ActionStep = z.output<typeof action>
export type CapsuleAnswer = z.output<typeof answer>

/** @throws InputError for what is not a capsule, and for one in a form that is not known here */
export function readCapsule(file: string): Capsule {
  const data = readJson(file)
  const format = (Object(data) as { capsule?: unknown }).capsule
  if (typeof format !== 'number')
    throw new InputError(
      `${file}: is not a capsule; allowed: what GET /_sandbox/merchants/{merchant}/capsule answered, a JSON object with "capsule"`,
    )
  if (format !== FORMAT && format !== WITHOUT_DEFAULT_LATENCY)
    throw new InputError(
      `${file}:capsule: is ${quote(format)}; allowed: ${WITHOUT_DEFAULT_LATENCY} or ${FORMAT}, the formats that this version reads; replay it with the version that made it`,
    )
  const given: JsonObject = { ...(data as object), capsule: FORMAT }
  // Calls of old capsules have no numbers.
  for (const [n, call] of objects(given.steps).filter(isCall).entries()) Object.assign(call, { id: call.id ?? n + 1 })
  const capsule = check(capsuleSchema, given, file)
  const { id } = capsule.fixtures.merchants[0]!
  if (typeof id === 'string' && id !== capsule.merchant)
    throw new InputError(
      `${file}:merchant: is ${quote(capsule.merchant)}; allowed: the id of the merchant in fixtures, which is ${quote(id)}`,
    )
  if (format === WITHOUT_DEFAULT_LATENCY) addLatency(capsule)
  return capsule
}

export const isCall = (step: object): step is CallStep => 'request' in step

/** The calls of a capsule, in the order in which they were handled. */
export const callsIn = ({ steps }: Capsule): readonly CallStep[] => steps.filter(isCall)

/**
 * The place among the steps of the call that a replay stops before.
 *
 * @param until its number; undefined for none
 * @throws InputError for a number that is not one of the capsule's
 */
export function placeOf(file: string, capsule: Capsule, until: number | undefined): number {
  if (until === undefined) return Number.POSITIVE_INFINITY
  const calls = callsIn(capsule)
  const call = calls.find(({ id }) => id === until)
  if (call) return capsule.steps.indexOf(call)
  const ids = calls.map(({ id }) => id)
  const known = ids.length === 0 ? 'it has none' : `${Math.min(...ids)} to ${Math.max(...ids)}`
  throw new InputError(`${file}: has no call ${quote(until)} to stop before; allowed: the number of one, ${known}`)
}

/** The format in which a scenario without `latency` did not wait. */
const WITHOUT_DEFAULT_LATENCY = 1

function addLatency({ options, beginning, steps }: Capsule): void {
  const put = steps.flatMap((step) => (isCall(step) || step.control !== 'scenario.put' ? [] : step.input))
  for (const scenario of [options.scenario, beginning.scenario, ...objects(put)])
    Object.assign(scenario, { latency: {}, ...scenario })
}
