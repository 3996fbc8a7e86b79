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
import type { Entry, Held } from '../journal/entry.js'
import { canStandAt } from '../lib/clock.js'
import { parseDuration } from '../lib/duration.js'
import { InputError } from '../lib/errors.js'
import { isObject } from '../lib/json.js'
import { counted, quote } from '../lib/text.js'
import { setImmediate } from '../lib/timers.js'
import { VERSION } from '../lib/version.js'
import type { Merchant, ResetPart } from '../merchants/merchant.js'
import { openSandbox } from '../sandbox.js'
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

/**
 * Repeats a capsule in a sandbox of its own, which holds its merchant alone.
 *
 * @param until the number of the call that it stops before
 * @param served options of the sandbox that answers follow from only once all is repeated
 */
export async function openActor(file: string, until: number | undefined, served: Options = {}) {
  const capsule = readCapsule(file)
  const end = placeOf(file, capsule, until)
  const { beginning, fixtures, steps, unsigned, version, webhooks: recorded } = capsule
  const notes: string[] = []
  if (version !== VERSION)
    notes.push(`The capsule was made by version ${version}, and this is ${VERSION}: answers may differ for that alone.`)
  if (beginning.skipped > 0)
    notes.push(
      `The replay begins at ${beginning.at}, after ${counted(beginning.skipped, 'step')} (requests and control actions).`,
    )
  const attempts = attemptsOf(recorded)
  /** Takes the next call that is answered: the step that it repeats, and once the replay is over the log. */
  let take: ((entry: Entry) => void) | undefined
  let merchant!: Merchant
  const options = Object.entries(capsule.options).filter(([name]) => OPTIONS.includes(name))
  const given = { ...Object.fromEntries(options), ...served, fixtures, clock: beginning.at, log: 'silent' } as Options
  const journalSize = Math.max(SETTINGS.journalSize.initial, steps.length)
  const sandbox = await openSandbox(resolveOptions({ ...given, journalSize }), {
    isRecording: true,
    send: attempts.send,
    onAnswered: (entry) => take?.(entry),
    onOpened: (registry) => {
      merchant = registry.byId(capsule.merchant)!
    },
  })
  const control = sandbox.control.merchant(capsule.merchant)
  const { webhooks } = merchant

  const standAt = (time: string) => merchant.clock.freeze(Date.parse(time))

  /** Begins the attempts that are due at this time. */
  async function pumpAt(time: string): Promise<void> {
    standAt(time)
    webhooks.pump()
    await afterTurns()
  }

  async function begin(): Promise<void> {
    if (beginning.state) await control.state.put({ merchants: [beginning.state as never] })
    standAt(beginning.at)
    const { program } = await readProgram(beginning.scenario, VENDORS, { files: false })
    const { rules } = beginning.run
    if (rules.length !== program.rules.length)
      throw new InputError(`run.rules: are ${rules.length}; allowed: ${program.rules.length}, as the scenario has`)
    merchant.resume({
      calls: () => new Map(beginning.calls),
      program,
      run: { ...beginning.run, startedAt: Date.parse(beginning.run.startedAt) },
      routing: () => new Map(beginning.routing),
      latency: parseLatencyMode(beginning.latency) ?? merchant.latency,
    })
    webhooks.deliveries = [...beginning.deliveries]
    merchant.steps.begin()
  }

  /** @returns the call as it went now, if the platform sends it, and in what its answer differs from the recorded one, in lines */
  async function ask(step: CallStep) {
    standAt(step.at)
    merchant.holds.replayed = (step.held as Held | undefined) ?? null
    const answered = new Promise<Entry>((resolve) => {
      take = resolve
    })
    const asked = sandbox.fetch(step.request.url, initOf(step)).catch((error: unknown) => error)
    // One that the platform refuses to send never comes to an answer.
    const entry = await Promise.race([answered, asked.then(afterTurns)])
    if (step.answer === null) return { step, entry }
    const difference = entry
      ? compareAnswers(step.answer, shown(answerOf(entry.ended!)))
      : showDifference('answer', step.answer.status, await asked)
    return { step, entry, difference: difference && [titleOf(step, capsule), ...difference] }
  }

  const shown = (answer: CapsuleAnswer): CapsuleAnswer =>
    unsigned ? JSON.parse(withoutSignatures(JSON.stringify(answer))) : answer

  async function act({ at, after, control: name, input }: ActionStep): Promise<void> {
    await pumpAt(at)
    /** The control checks what a capsule says. */
    const acts: Readonly<Record<string, (input: never) => unknown>> = {
      // The following steps have its times.
      'clock.put': () => {},
      'clock.advance': () => {},
      reset: ({ only }: { only: ResetPart[] }) => {
        if (!Array.isArray(only)) return control.reset({ only })
        // The clock that a reset goes back to may be the machine's.
        if (only.includes('clock')) standAt(after)
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
      notes.push(`The control action "${name}" is not known here; it was left out.`)
      return
    }
    if (!isObject(input) && !(name === 'webhooks.put' && input === null))
      throw new InputError(`input: is ${quote(input)}; allowed: an object`)
    await acts[name]!(input as never)
    standAt(after)
  }

  /** @throws InputError that names the part of the file which cannot be done */
  async function inFile(part: string, act: () => Promise<void>): Promise<void> {
    try {
      await act()
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      throw new InputError(error.lines.map((line) => `${file}:${part}: ${line}`))
    }
  }

  await inFile('beginning', begin)
  return {
    sandbox,
    merchant,
    capsule,
    /** The place of the first step that is not repeated. */
    end,
    /** What a reader should know, a sentence each. */
    notes,

    /** Repeats the steps in their order, each at its time, and gives the calls among them. The clock then stands at the last. */
    async *repeat() {
      const left = [...recorded]
      /** Ends the attempts that had ended after so many steps, each at its time. */
      const deliver = async (steps: number) => {
        while (left[0] && left[0].after <= steps) {
          const delivery = left.shift()!
          await pumpAt(delivery.at)
          await attempts.finish(delivery)
          await afterTurns()
        }
      }
      let time = Date.parse(beginning.at)
      for (const [n, step] of steps.slice(0, end).entries()) {
        await deliver(n)
        if (isCall(step)) yield ask(step)
        else await inFile(`steps[${n}]`, () => act(step))
        time = endOf(step)
      }
      await deliver(end)
      if (canStandAt(time)) merchant.clock.freeze(time)
    },

    /** Serves calls from now on. @param deliver whether events are sent */
    async serve(deliver: boolean, log: (entry: Entry) => void): Promise<void> {
      take = log
      const left = attempts.end(deliver)
      await webhooks.idle()
      if (!deliver) return
      webhooks.deliveries = webhooks.deliveries.filter(({ reason }) => reason !== NOT_SENT.reason)
      for (const event of left) webhooks.enqueue(event)
    },

    /** All deliveries that were recorded too. */
    deliveries: (): readonly Delivery[] =>
      webhooks.log
        .map(({ delivery }) => delivery)
        .filter(({ reason }) => reason !== NOT_RECORDED.reason && reason !== NOT_SENT.reason),

    close(): Promise<void> {
      attempts.end(false)
      return sandbox.close()
    },
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
function attemptsOf(recorded: readonly RecordedDelivery[]) {
  const left = [...recorded]
  const underWay = new Map<RecordedDelivery, (outcome: AttemptResult) => void>()
  const unsent: WebhookEvent[] = []
  /** Undefined during the replay. */
  let deliver: boolean | undefined
  const attempt: Send = async (event, ...others) => {
    if (deliver !== undefined) return deliver ? send(event, ...others) : NOT_SENT
    const index = left.findIndex((each) => each.event === event.id && each.attempt === event.attempts + 1)
    if (index >= 0) {
      const [begun] = left.splice(index, 1)
      return new Promise((resolve) => underWay.set(begun!, resolve))
    }
    // Those before a later one are more than a capsule holds.
    if (left.some((each) => each.event === event.id)) return NOT_RECORDED
    unsent.push(event)
    return NOT_SENT
  }
  return {
    send: attempt,

    /** @param sends whether events are sent from now on @returns those that were due and not sent */
    end(sends: boolean): readonly WebhookEvent[] {
      deliver = sends
      for (const resolve of underWay.values()) resolve(NOT_SENT)
      return unsent
    },

    /** One that is begun now comes to its receiver some turns later. */
    async finish(delivery: RecordedDelivery): Promise<void> {
      for (let turn = 0; turn < TURNS_TO_SEND && !underWay.has(delivery); turn++) await afterTurns()
      underWay.get(delivery)?.({ status: delivery.status, reason: delivery.reason })
      underWay.delete(delivery)
    },
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
