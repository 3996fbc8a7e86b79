import { MAX_BODY_BYTES } from '../api/body.js'
import { catalogOf } from '../api/catalog.js'
import { answerOf } from '../capsule/make.js'
import { type ActionStep, type CallStep, type Capsule, type RecordedDelivery, readCapsule } from '../capsule/schema.js'
import { withoutSignatures } from '../capsule/stand-ins.js'
import { type Options, resolveOptions } from '../config.js'
import type { MerchantControl } from '../control/control.js'
import type { Entry } from '../journal/entry.js'
import { InputError } from '../lib/errors.js'
import { setImmediate } from '../lib/timers.js'
import { VERSION } from '../lib/version.js'
import type { Held } from '../merchants/holds.js'
import type { Merchant, ResetPart } from '../merchants/merchant.js'
import { openSandbox, type Sandbox } from '../sandbox.js'
import { compile } from '../scenarios/compile.js'
import { parseLatencyMode } from '../scenarios/latency-mode.js'
import { VENDORS } from '../vendors/index.js'
import type { AttemptResult, Send } from '../webhooks/send.js'
import { compareAnswers, compareDeliveries, showDifference } from './compare.js'

/** What a replay comes to. */
export interface Replayed {
  /** Requests that were repeated. */
  readonly requests: number
  /** What a reader should know, a sentence each. */
  readonly notes: readonly string[]
  /** The first difference, in lines; undefined where all is as it was. */
  readonly difference: readonly string[] | undefined
}

/**
 * Repeats all requests of a capsule, in the order in which they were handled and each at its time, and compares the
 * answers.
 *
 * @throws InputError when the file is not a capsule, of an unknown format, or holds a step that cannot be done
 */
export async function replay(file: string): Promise<Replayed> {
  const capsule = readCapsule(file)
  const { version, beginning, steps } = capsule
  const notes: string[] = []
  if (version !== VERSION)
    notes.push(`The capsule was made by version ${version}, and this is ${VERSION}: answers may differ for that alone.`)
  if (beginning.skipped > 0)
    notes.push(`The replay begins at ${beginning.at}, after ${beginning.skipped} requests and control actions.`)
  const actor = await Actor.open(capsule)
  try {
    let requests = 0
    for (const [n, step] of steps.entries()) {
      await actor.deliverUntil(n)
      const isCall = 'request' in step
      const known = isCall ? await actor.ask(step as CallStep) : await actor.act(step as ActionStep)
      if (isCall) requests++
      if (known === undefined) continue
      if ('unknown' in known) notes.push(`The control action "${known.unknown}" is not known here; it was left out.`)
      else return { requests, notes, difference: [titleOf(step as CallStep, requests, steps), ...known.lines] }
    }
    const difference = compareDeliveries(capsule.webhooks, await actor.deliveries())
    return { requests, notes, difference: difference && ['webhooks', ...showDifference(difference)] }
  } finally {
    await actor.close()
  }
}

function titleOf(step: CallStep, nth: number, steps: Capsule['steps']): string {
  const { method, url } = step.request
  const path = URL.canParse(url) ? url.slice(new URL(url).origin.length) : url
  return `request ${nth} of ${steps.filter((one) => 'request' in one).length}: ${method} ${path}, ${step.at}`
}

type Found = { readonly lines: readonly string[] } | { readonly unknown: string } | undefined

/** Options of this version; those of another are left out. */
const OPTIONS =
  'seed latency strict errorBodies tokenTtl testOtp paymentMethodDelay cors publicUrl trustProxy scenario'.split(' ')

class Actor {
  readonly #capsule: Capsule
  readonly #sandbox: Sandbox
  readonly #merchant: Merchant
  readonly #answers: Answers
  readonly #attempts: Attempts
  readonly #undelivered: RecordedDelivery[]

  private constructor(capsule: Capsule, sandbox: Sandbox, merchant: Merchant, answers: Answers, attempts: Attempts) {
    this.#capsule = capsule
    this.#sandbox = sandbox
    this.#merchant = merchant
    this.#answers = answers
    this.#attempts = attempts
    this.#undelivered = [...capsule.webhooks]
  }

  static async open(capsule: Capsule): Promise<Actor> {
    const { beginning, fixtures, merchant: id } = capsule
    const options = Object.entries(capsule.options).filter(([name]) => OPTIONS.includes(name))
    const answers = new Answers()
    const attempts = new Attempts(capsule.webhooks)
    let merchant: Merchant | undefined
    const given = { ...Object.fromEntries(options), fixtures, clock: beginning.at, log: 'silent' } as Options
    const sandbox = await openSandbox(resolveOptions(given), {
      send: attempts.send,
      onAnswered: (entry) => answers.take(entry),
      onOpened: (registry) => {
        merchant = registry.byId(id)
      },
    })
    const actor = new Actor(capsule, sandbox, merchant!, answers, attempts)
    await actor.#begin()
    return actor
  }

  async #begin(): Promise<void> {
    const { beginning } = this.#capsule
    if (beginning.state) await this.#control.state.put({ merchants: [beginning.state as never] })
    this.#standAt(beginning.at)
    this.#merchant.resume({
      calls: new Map(beginning.calls),
      program: compile(beginning.scenario as never, catalogOf(VENDORS), { where: 'capsule:beginning.scenario' }),
      run: { ...beginning.run, startedAt: Date.parse(beginning.run.startedAt) },
      routing: new Map(beginning.routing),
      latency: parseLatencyMode(beginning.latency) ?? this.#merchant.latency,
    })
    this.#merchant.webhooks.recall(beginning.deliveries)
  }

  get #control(): MerchantControl {
    return this.#sandbox.control.merchant(this.#merchant.id)
  }

  #standAt(time: string): void {
    this.#merchant.clock.freeze(Date.parse(time))
  }

  /** Begins the attempts that are due at this time. */
  async #pumpAt(time: string): Promise<void> {
    this.#standAt(time)
    this.#merchant.webhooks.pump()
    await afterTurns()
  }

  /** Ends the attempts that had ended after so many steps, each at its time. */
  async deliverUntil(steps: number): Promise<void> {
    while (this.#undelivered[0] && this.#undelivered[0].after <= steps) {
      const delivery = this.#undelivered.shift()!
      await this.#pumpAt(delivery.at)
      await this.#attempts.end(delivery)
      await afterTurns()
    }
  }

  async ask(step: CallStep): Promise<Found> {
    this.#standAt(step.at)
    this.#merchant.holds.replayed = (step.held as Held | undefined) ?? null
    const answered = this.#answers.next()
    const asked = this.#sandbox.fetch(step.request.url, initOf(step)).catch((error: unknown) => error)
    // One that the platform refuses to send never comes to an answer.
    const entry = await Promise.race([answered, asked.then(afterTurns)])
    if (step.answer === null) return undefined
    if (entry === undefined) {
      const difference = { field: 'answer', recorded: step.answer.status, replayed: (await asked) as unknown }
      return { lines: showDifference(difference) }
    }
    const again = answerOf(entry.ended!)
    const shown = this.#capsule.unsigned
      ? (JSON.parse(withoutSignatures(JSON.stringify(again))) as typeof again)
      : again
    const difference = compareAnswers(step.answer, shown)
    return difference && { lines: showDifference(difference) }
  }

  async act({ at, after, control, input }: ActionStep): Promise<Found> {
    await this.#pumpAt(at)
    const acts = this.#actsAt(after)
    if (!Object.hasOwn(acts, control)) return { unknown: control }
    await acts[control]!(input as never)
    this.#standAt(after)
    return undefined
  }

  /** The control checks what a capsule says. */
  #actsAt(after: string): Readonly<Record<string, (input: never) => unknown>> {
    const control = this.#control
    return {
      // The following steps have its times.
      'clock.put': () => {},
      'clock.advance': () => {},
      reset: ({ only }: { only: ResetPart[] }) => {
        // The clock that a reset goes back to may be the machine's.
        if (only.includes('clock')) this.#standAt(after)
        const parts = only.filter((part) => part !== 'clock')
        return parts.length > 0 ? control.reset({ only: parts }) : undefined
      },
      'state.put': (state) => control.state.put(state),
      'scenario.put': (scenario) => control.scenario.put(scenario),
      'webhooks.put': (webhook) => control.webhooks.put(webhook),
      'webhooks.redeliver': ({ event }: { event: string }) => control.webhooks.redeliver(event),
      provider: ({ wallet, ...provider }: { wallet: string; balance?: number }) => control.provider(wallet, provider),
      'expire-token': ({ wallet }: { wallet: string }) => control.expireToken(wallet),
      delink: ({ wallet }: { wallet: string }) => control.delink(wallet),
      latency: ({ mode }: { mode: string }) => control.latency({ mode: mode === 'off' ? 'off' : 'virtual' }),
    }
  }

  /** All deliveries, once those are made that were made when the capsule was. */
  async deliveries() {
    await this.deliverUntil(Number.POSITIVE_INFINITY)
    return this.#merchant.webhooks.log
      .map(({ delivery }) => delivery)
      .filter(({ reason }) => reason !== NOT_RECORDED.reason)
  }

  close(): Promise<void> {
    return this.#sandbox.close()
  }
}

/** The next call that is answered. */
class Answers {
  #take: ((entry: Entry) => void) | undefined

  next(): Promise<Entry | undefined> {
    return new Promise((resolve) => {
      this.#take = resolve
    })
  }

  take(entry: Entry): void {
    this.#take?.(entry)
  }
}

const afterTurns = async (): Promise<undefined> => {
  await new Promise<void>((resolve) => setImmediate(resolve))
  return undefined
}

/** Turns of the event loop between the begin of an attempt and its sending, and some more. */
const TURNS_TO_SEND = 5

/** The attempts to deliver events: each goes on until the replay comes to its end, and has the outcome that it had. */
class Attempts {
  readonly #left: RecordedDelivery[]
  readonly #underWay = new Map<RecordedDelivery, (outcome: AttemptResult) => void>()

  constructor(recorded: readonly RecordedDelivery[]) {
    this.#left = [...recorded]
  }

  readonly send: Send = async ({ id, attempts }) => {
    const index = this.#left.findIndex(({ event, attempt }) => event === id && attempt === attempts + 1)
    if (index < 0) return NOT_RECORDED
    const recorded = this.#left.splice(index, 1)[0]!
    return new Promise((resolve) => this.#underWay.set(recorded, resolve))
  }

  /** One that is begun now comes to its receiver some turns later. */
  async end(recorded: RecordedDelivery): Promise<void> {
    for (let turn = 0; turn < TURNS_TO_SEND && !this.#underWay.has(recorded); turn++) await afterTurns()
    this.#underWay.get(recorded)?.({ status: recorded.status, reason: recorded.reason })
  }
}

const NOT_RECORDED = { status: null, reason: 'not recorded' }

/** Headers that are the connection's, or describe the body as it was sent and not its text. */
const OF_THE_WAY = /^(host|connection|keep-alive|content-length|transfer-encoding|expect|upgrade)$/i

function initOf({ request: { method, headers, body, unread } }: CallStep): RequestInit {
  const sent = headers.filter(
    ([name]) => !OF_THE_WAY.test(name) && (unread === 'undecoded' || name.toLowerCase() !== 'content-encoding'),
  )
  const init = {
    method,
    headers: sent.map(
      ([name, value]) => [name, unread === 'undecoded' ? value : inUtf8(name, value)] as [string, string],
    ),
  }
  if (method === 'GET' || method === 'HEAD') return init
  switch (unread) {
    case 'too large':
      return { ...init, body: ' '.repeat(MAX_BODY_BYTES + 1) }
    case 'broken off':
      return { ...init, body: brokenOff(), duplex: 'half' } as RequestInit
    case 'undecoded':
      // What no charset begins with.
      return { ...init, body: Buffer.of(0xff) }
    case undefined:
      // A text alone would get a Content-Type.
      return body === '' ? init : { ...init, body: Buffer.from(body) }
  }
}

/** The type of a text that is sent in UTF-8 now. A form keeps the charset of its percent-encoding. */
const inUtf8 = (name: string, value: string) =>
  name.toLowerCase() === 'content-type' && !/^application\/x-www-form/i.test(value)
    ? value.replace(/;\s*charset=[^;]*/i, '')
    : value

const brokenOff = () =>
  new ReadableStream<Uint8Array>({
    start: (controller) => controller.error(new InputError('the body broke off')),
  })
