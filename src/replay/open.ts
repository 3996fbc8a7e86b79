import { type CallStep, callsIn } from '../capsule/schema.js'
import { type Options, onOff, optionsOf, resolveOptions, settleOptions } from '../config.js'
import { VENDOR_NAMES, type VendorName } from '../fixture-files/key-lists.js'
import type { Entry } from '../journal/entry.js'
import { createLog } from '../journal/log.js'
import { performance } from '../lib/timers.js'
import type { Merchant } from '../merchants/merchant.js'
import type { Sandbox } from '../sandbox.js'
import { openActor } from './actor.js'

/** Options of an opened capsule; the others are the session's. */
export interface OpenOptions
  extends Pick<Options, 'clock' | 'latency' | 'webhookHosts' | 'verdict' | 'controlToken' | 'log'> {
  /** The number of a call, as the inspector shows it: the session is served as it was before that call. Default: its end. */
  until?: number
  /** Whether events are sent. Default false. */
  deliver?: boolean
}

const FLAGS = { deliver: onOff('Send events that are due') }
const NAMES = ['until', 'deliver', 'clock', 'latency', 'webhookHosts', 'verdict', 'controlToken', 'log'] as const

/** Repeats a session of a capsule, and goes on from there. The view of its merchant has `recording`. */
export async function open(file: string, given: OpenOptions): Promise<Sandbox> {
  const options = optionsOf(given, NAMES)
  const { deliver } = settleOptions(FLAGS, options)
  const { until, deliver: _, clock, latency = 'off', ...served } = options
  const settled = resolveOptions({ ...served, latency, ...(clock !== undefined && { clock }) })
  const actor = await openActor(file, until, served)
  const { sandbox, merchant, capsule } = actor
  try {
    const calls: Entry[] = []
    let difference: readonly string[] | undefined
    for await (const { step, entry, difference: found } of actor.repeat()) {
      const begins = difference === undefined && found !== undefined
      const notes = begins ? [`The replay differs from the recording here:${found.slice(1).join('')}`] : []
      difference ??= found
      if (entry) calls.push(asRecorded(entry, step, difference !== undefined, notes))
    }
    fill(merchant, calls, Math.min(...callsIn(capsule).map(({ id }) => id)))
    await actor.serve(deliver, createLog(settled.log))
    merchant.latency = settled.latency
    if (settled.clock !== null) merchant.clock.freeze(settled.clock)
    else if (clock !== undefined) merchant.clock.run()
    const { version, made = null, beginning } = capsule
    merchant.recording = {
      version,
      made,
      beginning: beginning.at,
      skipped: beginning.skipped,
      keys: keysOf(merchant),
      notes: actor.notes,
      difference: difference ?? null,
      failed: await firstFailed(sandbox, merchant),
    }
    return sandbox
  } catch (error) {
    await actor.close()
    throw error
  }
}

/** A call that was repeated, with what only the recording knows. @param diverged whether its answer is the recorded one */
function asRecorded(entry: Entry, step: CallStep, diverged: boolean, notes: readonly string[]): Entry {
  const { ended, request: sent } = entry
  const { id, arrived, request, answer, measured } = step
  const { took = ended?.measuredMs ?? 0, hungUp = null } = measured ?? {}
  const isAbandoned = answer?.status === null && answer.fault === null
  const abandoned = isAbandoned ? [`The client hung up after ${Math.round(took ?? 0)} ms, unanswered.`] : []
  const warnings = [...(ended?.warnings ?? []), ...abandoned, ...notes]
  const kept =
    answer && (diverged || isAbandoned)
      ? {
          response: { status: answer.status, headers: answer.headers, body: answer.body },
          fault: answer.fault,
          rule: answer.rule,
          intendedMs: answer.latencyMs,
        }
      : {}
  return {
    ...entry,
    id,
    at: Date.parse(arrived),
    arrivedAt: measured?.arrived ?? entry.arrivedAt,
    request: { ...sent, headers: request.headers.flat().join('\n') },
    ended: answer && ended ? { ...ended, ...kept, measuredMs: took ?? ended.measuredMs, warnings } : undefined,
    hungUpMs: hungUp,
  }
}

/** Puts the calls into the journal in the order of their arrival, the first of which has this number. */
function fill(merchant: Merchant, calls: readonly Entry[], first: number) {
  const inOrder = calls.toSorted((a, b) => a.id - b.id)
  const last = inOrder.at(-1)?.arrivedAt ?? 0
  // Before all that comes, at the intervals of the session.
  const began = performance.now() - last
  const id = Number.isFinite(first) ? first : 1
  merchant.journal.restore(
    inOrder.map((entry, n) => ({ ...entry, id: id + n, arrivedAt: began + entry.arrivedAt })),
    id,
  )
}

/** A key that is accepted, by vendor. */
function keysOf({ keys }: Merchant): Partial<Record<VendorName, string>> {
  const active = VENDOR_NAMES.flatMap((vendor) => {
    const key = [...keys[vendor].values()].find(({ status }) => status === 'active')?.key
    return key === undefined ? [] : [[vendor, key] as const]
  })
  return Object.fromEntries(active)
}

/** The number of the first call with a fault or a refusal, or that the verdict is against. */
async function firstFailed(sandbox: Sandbox, { id, journal }: Merchant): Promise<number | null> {
  const isFailed = ({ ended }: Entry) => ended && (ended.fault !== null || (ended.response.status ?? 400) >= 400)
  const { findings } = await sandbox.control.merchant(id).verdict()
  const failed = [
    ...journal.entries().flatMap((entry) => (isFailed(entry) ? [entry.id] : [])),
    ...findings.flatMap(({ requests }) => requests),
  ]
  return failed.length === 0 ? null : Math.min(...failed)
}
