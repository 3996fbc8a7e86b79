import { DAY_MS, durationMs } from '../lib/duration.js'
import type { ScenarioWindow } from './schema.js'

/** When something holds: in sandbox time since the scenario was set, and by the time of day on the sandbox's clock. */
export interface Window {
  /** Milliseconds since the scenario was set: from ≤ t < to. */
  readonly from: number
  readonly to: number
  /** Milliseconds since midnight UTC; `to` before `from` is on the next day. */
  readonly daily: { readonly from: number; readonly to: number } | null
}

export const ALWAYS: Window = { from: 0, to: Number.POSITIVE_INFINITY, daily: null }

export function compileWindow({ from, to, daily }: ScenarioWindow): Window {
  const ahead = daily?.offset === undefined ? 0 : offsetMs(daily.offset)
  const at = (text: string) => withinDay(timeOfDayMs(text) - ahead)
  return {
    from: from === undefined ? ALWAYS.from : durationMs(from),
    to: to === undefined ? ALWAYS.to : durationMs(to),
    daily: daily === undefined ? null : { from: at(daily.from), to: at(daily.to) },
  }
}

/** Why a window never opens, as `[path within it, sentence]`; undefined when it does. */
export function neverOpens({ from, to, daily }: Window): readonly [string, string] | undefined {
  if (from >= to)
    return [
      '',
      `ends at ${to} ms, not after its start at ${from} ms, so the rule can never fire; allowed: from before to`,
    ]
  if (daily && daily.from === daily.to)
    return [
      '.daily',
      'ends at the time at which it starts, so the rule can never fire; allowed: two different times of day',
    ]
  return undefined
}

/** @param startedAt when the scenario was set, in epoch ms on the same clock as `now` */
export function isOpen({ from, to, daily }: Window, now: number, startedAt: number): boolean {
  const elapsed = now - startedAt
  if (elapsed < from || elapsed >= to) return false
  return daily === null || withinDay(now - daily.from) < withinDay(daily.to - daily.from)
}

/** Milliseconds until an open window closes. */
export function untilClosed({ to, daily }: Window, now: number, startedAt: number): number {
  const left = startedAt + to - now
  return daily === null ? left : Math.min(left, withinDay(daily.to - now))
}

const withinDay = (ms: number) => ((ms % DAY_MS) + DAY_MS) % DAY_MS

/** Of `"02:00"`. */
function timeOfDayMs(text: string): number {
  const [hours, minutes] = text.split(':') as [string, string]
  return (Number(hours) * 60 + Number(minutes)) * 60_000
}

/** Of `"+05:30"`, `"-08:00"`. */
const offsetMs = (text: string) => (text.startsWith('-') ? -1 : 1) * timeOfDayMs(text.slice(1))
