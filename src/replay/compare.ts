import { isDeepStrictEqual } from 'node:util'
import { type CallStep, type Capsule, type CapsuleAnswer, callsIn, type RecordedDelivery } from '../capsule/schema.js'
import { escapeControls } from '../lib/text.js'
import type { Delivery } from '../webhooks/webhooks.js'

export interface Difference {
  /** Such as `body` or `header date`. */
  readonly field: string
  readonly recorded: unknown
  readonly replayed: unknown
}

/** The first difference of two answers; undefined where they are equal to the byte. */
export function compareAnswers(recorded: CapsuleAnswer, replayed: CapsuleAnswer): Difference | undefined {
  const known = ['fault', 'rule', 'latencyMs'] as const
  const fields: Difference[] = known.map((field) => ({ field, recorded: recorded[field], replayed: replayed[field] }))
  if (recorded.status !== null) {
    const names = new Set([...Object.keys(recorded.headers), ...Object.keys(replayed.headers)])
    fields.unshift(
      { field: 'status', recorded: recorded.status, replayed: replayed.status },
      ...Array.from(names, (name) => ({
        field: `header ${name}`,
        recorded: recorded.headers[name],
        replayed: replayed.headers[name],
      })),
      { field: 'body', recorded: recorded.body, replayed: replayed.body },
    )
  }
  return fields.find((field) => field.recorded !== field.replayed)
}

/** The first recorded delivery that was not made again, with the one of the same event and attempt. */
export function compareDeliveries(
  recorded: readonly RecordedDelivery[],
  replayed: readonly Delivery[],
): Difference | undefined {
  const left = [...replayed]
  for (const { after: _, ...delivery } of recorded) {
    const index = left.findIndex(({ event, attempt }) => event === delivery.event && attempt === delivery.attempt)
    const [again] = index < 0 ? [] : left.splice(index, 1)
    if (again === undefined || !isDeepStrictEqual(delivery, again))
      return {
        field: `delivery of event ${delivery.event}, attempt ${delivery.attempt}`,
        recorded: JSON.stringify(delivery),
        replayed: again && JSON.stringify(again),
      }
  }
  return undefined
}

/** A call as a difference names it. @param nth its place among the calls of the capsule, from 1 */
export function titleOf({ request: { method, url }, at }: CallStep, nth: number, capsule: Capsule): string {
  const path = URL.canParse(url) ? url.slice(new URL(url).origin.length) : url
  return `request ${nth} of ${callsIn(capsule).length}: ${method} ${path}, ${at}`
}

/** Characters shown on each side of where two texts part. */
const AROUND = 60

/** A difference in three lines: where, what was recorded, what came now. */
export function showDifference({ field, recorded, replayed }: Difference): string[] {
  const [before, after] = [textOf(recorded), textOf(replayed)]
  let at = 0
  while (at < before.length && before[at] === after[at]) at++
  const from = Math.max(0, at - AROUND)
  const cut = (text: string) =>
    escapeControls(`${from > 0 ? '…' : ''}${text.slice(from, at + AROUND)}${text.length > at + AROUND ? '…' : ''}`)
  const where = before.length > AROUND || after.length > AROUND ? ` differs at character ${at + 1}` : ' differs'
  return [`  ${field}${where}:`, `  - recorded: ${cut(before)}`, `  + replayed: ${cut(after)}`]
}

const textOf = (value: unknown) => (value === undefined || value === null ? 'none' : String(value))
