import { isDeepStrictEqual } from 'node:util'
import type { CapsuleAnswer, RecordedDelivery } from '../capsule/schema.js'
import { escapeControls } from '../lib/text.js'
import type { Delivery } from '../webhooks/webhooks.js'

/** The first difference of two answers, in lines; undefined where they are equal to the byte. */
export function compareAnswers(recorded: CapsuleAnswer, replayed: CapsuleAnswer): string[] | undefined {
  const fields = (...names: readonly (keyof CapsuleAnswer)[]) =>
    names.map((name) => [name, recorded[name], replayed[name]] as const)
  const headers = Object.keys({ ...recorded.headers, ...replayed.headers }).map(
    (name) => [`header ${name}`, recorded.headers[name], replayed.headers[name]] as const,
  )
  const shown = recorded.status === null ? [] : [...fields('status'), ...headers, ...fields('body')]
  const difference = [...shown, ...fields('fault', 'rule', 'latencyMs')].find(([, before, now]) => before !== now)
  return difference && showDifference(...difference)
}

/** The first recorded delivery that was not made again, with the one of the same event and attempt, in lines. */
export function compareDeliveries(
  recorded: readonly RecordedDelivery[],
  replayed: readonly Delivery[],
): string[] | undefined {
  const left = [...replayed]
  for (const { after: _, ...delivery } of recorded) {
    const index = left.findIndex(({ event, attempt }) => event === delivery.event && attempt === delivery.attempt)
    const [again] = index < 0 ? [] : left.splice(index, 1)
    if (again === undefined || !isDeepStrictEqual(delivery, again)) {
      const what = `delivery of event ${delivery.event}, attempt ${delivery.attempt}`
      return showDifference(what, JSON.stringify(delivery), again && JSON.stringify(again))
    }
  }
  return undefined
}

/** Characters shown on each side of where two texts part. */
const AROUND = 60

/** A difference in three lines: where, what was recorded, what came now. @param field such as `body` or `header date` */
export function showDifference(field: string, recorded: unknown, replayed: unknown): string[] {
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
