import { MAX_BODY_BYTES } from '../api/body.js'
import { answerOf } from '../capsule/make.js'
import {
  type ActionStep,
  type CallStep,
  type Capsule,
  type CapsuleAnswer,
  callsIn,
  isCall,
  placeOf,
  type RecordedDelivery,
  readCapsule,
} from '../capsule/schema.js'
import { withoutSignatures } from '../capsule/stand-ins.js'
import { type Options, resolveOptions, SETTINGS } from '../config.js'
import type { MerchantControl } from '../control/control.js'
import type { Entry, Held } from '../journal/entry.js'
import { canStandAt } from '../lib/clock.js'
import { parseDuration } from '../lib/duration.js'
import { InputError } from '../lib/errors.js'
import { isObject } from '../lib/json.js'
import { counted, quote } from '../lib/text.js'
import { setImmediate } from '../lib/timers.js'
import { VERSION } from '../lib/version.js'
import type { Merchant, ResetPart } from '../merchants/merchant.js'
import { openSandbox, type Sandbox } from '../sandbox.js'
import { parseLatencyMode } from '../scenarios/latency-mode.js'
import { readProgram } from '../scenarios/read.js'
import { VENDORS } from '../vendors/index.js'
import type { WebhookEvent } from '../wallets/model.js'
import { type AttemptResult, NOT_SENT, type Send, send } from '../webhooks/send.js'
import type { Delivery } from '../webhooks/webhooks.js'
import { compareAnswers, showDifference } from './compare.js'

/** Options of this version; those of another are left out. */
const OPTIONS =
  'seed latency strict errorBodies tokenTtl testOtp paymentMethodDelay cors publicUrl trustProxy scenario'.split(' ')

/** Repeats a capsule in a sandbox of its own, which holds its merchant alone. */
export class Actor {
  readonly capsule: Capsule
  /** The place of the first step that is not repeated. */
  readonly end: number
  /** What a reader should know, a sentence each. */
  readonly notes: string[] = []
  sandbox!: Sandbox
  merchant!: Merchant
  readonly #file: string
  readonly #attempts: Attempts
  /** Takes the next call that is answered: the step that it repeats, and once the replay is over the log. */
  #take: ((entry: Entry) => void) | undefined

  private constructor(file: string, until: number | undefined) {
    this.capsule = readCapsule(file)
    this.end = placeOf(file, this.capsule, until)
    this.#file = file
    const { version, beginning, webhooks } = this.capsule
    this.#attempts = new Attempts(webhooks)
    if (version !== VERSION)
      this.notes.push(
        `The capsule was made by version ${version}, and this is ${VERSION}: answers may differ for that alone.`,
      )
    if (beginning.skipped > 0)
      this.notes.push(
        `The replay begins at ${beginning.at}, after ${counted(beginning.skipped, 'step')} (requests and control actions).`,
      )
  }

  /**
   * @param until the number of the call that it stops before
   * @param served options of the sandbox that answers follow from only once all is repeated
   */
  static async open(file: string, until: number | undefined, served: Options = {}): Promise<Actor> {
    const actor = new Actor(file, until)
    const { beginning, fixtures, merchant, steps, options: recorded } = actor.capsule
    const options = Object.entries(recorded).filter(([name]) => OPTIONS.includes(name))
    const given = { ...Object.fromEntries(options), ...served, fixtures, clock: beginning.at, log: 'silent' } as Options
    const journalSize = Math.max(SETTINGS.journalSize.initial, steps.length)
    actor.sandbox = await openSandbox(resolveOptions({ ...given, journalSize }), {
      isRecording: true,
      send: actor.#attempts.send,
      onAnswered: (entry) => actor.#take?.(entry),
      onOpened: (registry) => {
        actor.merchant = registry.byId(merchant)!
      },
    })
    await actor.#inFile('beginning', () => actor.#begin())
    return actor
  }

  async #begin(): Promise<void> {
    const { beginning } = this.capsule
    if (beginning.state) await this.#control.state.put({ merchants: [beginning.state as never] })
    this.#standAt(beginning.at)
    const { program } = await readProgram(beginning.scenario, VENDORS, { files: false })
    const { rules } = beginning.run
    if (rules.length !== program.rules.length)
      throw new InputError(`run.rules: are ${rules.length}; allowed: ${program.rules.length}, as the scenario has`)
    this.merchant.resume({
      calls: () => new Map(beginning.calls),
      program,
      run: { ...beginning.run, startedAt: Date.parse(beginning.run.startedAt) },
      routing: () => new Map(beginning.routing),
      latency: parseLatencyMode(beginning.latency) ?? this.merchant.latency,
    })
    this.merchant.webhooks.deliveries = [...beginning.deliveries]
    this.merchant.steps.begin()
  }

  /** @throws InputError that names the part of the file which cannot be done */
  async #inFile<Result>(part: string, act: () => Promise<Result>): Promise<Result> {
    try {
      return await act()
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      throw new InputError(error.lines.map((line) => `${this.#file}:${part}: ${line}`))
    }
  }

  /** Repeats the steps in their order, each at its time, and gives the calls among them. The clock then stands at the last. */
  async *repeat() {
    const { steps, beginning, webhooks } = this.capsule
    const undelivered = [...webhooks]
    let time = Date.parse(beginning.at)
    for (const [n, step] of steps.slice(0, this.end).entries()) {
      await this.#deliver(undelivered, n)
      if (isCall(step)) yield this.#ask(step)
      else await this.#inFile(`steps[${n}]`, () => this.#act(step))
      time = endOf(step)
    }
    await this.#deliver(undelivered, this.end)
    if (canStandAt(time)) this.merchant.clock.freeze(time)
  }

  /** Serves calls from now on. @param deliver whether events are sent */
  async serve(deliver: boolean, log: (entry: Entry) => void): Promise<void> {
    const { webhooks } = this.merchant
    this.#take = log
    const left = this.#attempts.end(deliver)
    await webhooks.idle()
    if (!deliver) return
    webhooks.deliveries = webhooks.deliveries.filter(({ reason }) => reason !== NOT_SENT.reason)
    for (const event of left) webhooks.enqueue(event)
  }

  get #control(): MerchantControl {
    return this.sandbox.control.merchant(this.merchant.id)
  }

  #standAt(time: string): void {
    this.merchant.clock.freeze(Date.parse(time))
  }

  /** Begins the attempts that are due at this time. */
  async #pumpAt(time: string): Promise<void> {
    this.#standAt(time)
    this.merchant.webhooks.pump()
    await afterTurns()
  }

  /** Ends the attempts that had ended after so many steps, each at its time. */
  async #deliver(left: RecordedDelivery[], steps: number): Promise<void> {
    while (left[0] && left[0].after <= steps) {
      const delivery = left.shift()!
      await this.#pumpAt(delivery.at)
      await this.#attempts.finish(delivery)
      await afterTurns()
    }
  }

  /**
   * @returns the call as it went now, if the platform sends it, and in what its answer differs from the recorded one, in lines
   */
  async #ask(step: CallStep) {
    this.#standAt(step.at)
    this.merchant.holds.replayed = (step.held as Held | undefined) ?? null
    const answered = new Promise<Entry>((resolve) => {
      this.#take = resolve
    })
    const asked = this.sandbox.fetch(step.request.url, initOf(step)).catch((error: unknown) => error)
    // One that the platform refuses to send never comes to an answer.
    const entry = await Promise.race([answered, asked.then(afterTurns)])
    if (step.answer === null) return { step, entry }
    const difference = entry
      ? compareAnswers(step.answer, this.#shown(answerOf(entry.ended!)))
      : showDifference('answer', step.answer.status, await asked)
    return { step, entry, difference: difference && [titleOf(step, this.capsule), ...difference] }
  }

  #shown(answer: CapsuleAnswer): CapsuleAnswer {
    return this.capsule.unsigned ? JSON.parse(withoutSignatures(JSON.stringify(answer))) : answer
  }

  async #act({ at, after, control: name, input }: ActionStep): Promise<void> {
    await this.#pumpAt(at)
    const control = this.#control
    /** The control checks what a capsule says. */
    const acts: Readonly<Record<string, (input: never) => unknown>> = {
      // The following steps have its times.
      'clock.put': () => {},
      'clock.advance': () => {},
      reset: ({ only }: { only: ResetPart[] }) => {
        if (!Array.isArray(only)) return control.reset({ only })
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
    if (!Object.hasOwn(acts, name)) {
      this.notes.push(`The control action "${name}" is not known here; it was left out.`)
      return
    }
    if (!isObject(input) && !(name === 'webhooks.put' && input === null))
      throw new InputError(`input: is ${quote(input)}; allowed: an object`)
    await acts[name]!(input as never)
    this.#standAt(after)
  }

  /** All deliveries that were recorded too. */
  get deliveries(): readonly Delivery[] {
    return this.merchant.webhooks.log
      .map(({ delivery }) => delivery)
      .filter(({ reason }) => reason !== NOT_RECORDED.reason && reason !== NOT_SENT.reason)
  }

  close(): Promise<void> {
    this.#attempts.end(false)
    return this.sandbox.close()
  }
}

/** A call as a difference names it: by its place among the calls of the capsule, from 1. */
function titleOf(step: CallStep, capsule: Capsule): string {
  const { at, request } = step
  const { method, url } = request
  const path = URL.canParse(url) ? url.slice(new URL(url).origin.length) : url
  const calls = callsIn(capsule)
  return `request ${calls.indexOf(step) + 1} of ${calls.length}: ${method} ${path}, ${at}`
}

/** Where the clock stands after a step, in epoch ms. An advance is recorded as it begins, as events fall due on its way. */
function endOf(step: CallStep | ActionStep): number {
  if (isCall(step)) return Date.parse(step.at)
  const by = step.control === 'clock.advance' ? parseDuration((step.input as { by: string }).by) : 0
  return Date.parse(step.after) + (by ?? 0)
}

const afterTurns = () => new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined)))

/** Turns of the event loop between the begin of an attempt and its sending, and some more. */
const TURNS_TO_SEND = 5

/** The attempts to deliver events: each goes on until the replay comes to its end, and has the outcome that it had. */
class Attempts {
  readonly #left: RecordedDelivery[]
  readonly #underWay = new Map<RecordedDelivery, (outcome: AttemptResult) => void>()
  readonly #unsent: WebhookEvent[] = []
  /** Undefined during the replay. */
  #deliver: boolean | undefined

  constructor(recorded: readonly RecordedDelivery[]) {
    this.#left = [...recorded]
  }

  readonly send: Send = async (event, ...others) => {
    if (this.#deliver !== undefined) return this.#deliver ? send(event, ...others) : NOT_SENT
    const index = this.#left.findIndex((each) => each.event === event.id && each.attempt === event.attempts + 1)
    if (index >= 0) {
      const recorded = this.#left.splice(index, 1)[0]!
      return new Promise((resolve) => this.#underWay.set(recorded, resolve))
    }
    // Those before a later one are more than a capsule holds.
    if (this.#left.some((each) => each.event === event.id)) return NOT_RECORDED
    this.#unsent.push(event)
    return NOT_SENT
  }

  /** @param deliver whether events are sent from now on @returns those that were due and not sent */
  end(deliver: boolean): readonly WebhookEvent[] {
    this.#deliver = deliver
    for (const resolve of this.#underWay.values()) resolve(NOT_SENT)
    return this.#unsent
  }

  /** One that is begun now comes to its receiver some turns later. */
  async finish(recorded: RecordedDelivery): Promise<void> {
    for (let turn = 0; turn < TURNS_TO_SEND && !this.#underWay.has(recorded); turn++) await afterTurns()
    this.#underWay.get(recorded)?.({ status: recorded.status, reason: recorded.reason })
    this.#underWay.delete(recorded)
  }
}

const NOT_RECORDED = { status: null, reason: 'not recorded' }

/** What comes to the same as a body that could not be read. */
const BODIES = {
  'too large': () => ' '.repeat(MAX_BODY_BYTES + 1),
  'broken off': () =>
    new ReadableStream<Uint8Array>({ start: (controller) => controller.error(new InputError('the body broke off')) }),
  // What no charset begins with.
  undecoded: () => Buffer.of(0xff),
}

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
  if (method === 'GET' || method === 'HEAD' || (unread === undefined && body === '')) return init
  // A text alone would get a Content-Type.
  return { ...init, body: unread ? BODIES[unread]() : Buffer.from(body), duplex: 'half' } as RequestInit
}

/** The type of a text that is sent in UTF-8 now. A form keeps the charset of its percent-encoding. */
const inUtf8 = (name: string, value: string) =>
  name.toLowerCase() === 'content-type' && !/^application\/x-www-form/i.test(value)
    ? value.replace(/;\s*charset=[^;]*/i, '')
    : value
