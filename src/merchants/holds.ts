import type { Held, Release } from '../journal/entry.js'
import type { AbortSignalLike } from '../lib/delays.js'
import { clearTimeout, MAX_TIMER_MS, setTimeout } from '../lib/timers.js'
import type { ScenarioRun } from '../scenarios/engine.js'
import type { HoldEffect, Rule } from '../scenarios/program.js'

/** A call that waits to be released. */
export interface HeldCall {
  /** The name of the hold. */
  readonly hold: string
  /** The id of its entry in the merchant's journal. */
  readonly call: number
  readonly merchant: string
  readonly operation: string
  /** Method and path. */
  readonly request: string
  /** When it was held, on the merchant's clock: ISO 8601, UTC. */
  readonly since: string
}

type Changed = (call: HeldCall, state: 'waiting' | 'released') => void
type OnClock = (ms: number, signal: AbortSignalLike) => Promise<void> | undefined

interface Waiting {
  readonly view: HeldCall
  readonly rule: Rule
  /** Matches of the rule when the first of those held with it came. */
  readonly since: number
  end(how?: { readonly release?: Release; readonly note?: string }): void
}

/** The held calls of one merchant, in the order in which they came. */
export class Holds {
  readonly #waiting = new Set<Waiting>()
  readonly #changed: Changed
  /** Waits on a clock that stands, where delays do; undefined where they are real. */
  readonly #onClock: OnClock
  /** What a replay says of the call that it asks: null where it was not held. */
  replayed: Held | null | undefined
  #closed = false

  constructor(changed: Changed, onClock: OnClock) {
    this.#changed = changed
    this.#onClock = onClock
  }

  get calls(): readonly HeldCall[] {
    return Array.from(this.#waiting, ({ view }) => view)
  }

  /** Resolves when the call is released, in whichever way; with a note on what its client cannot know. */
  wait(rule: Rule, run: ScenarioRun, view: HeldCall, signal: AbortSignalLike): Promise<Held & { note?: string }> {
    const held: Held = { rule: rule.name, release: 'answer' }
    if (this.replayed !== undefined || this.#closed || signal.aborted) return Promise.resolve(this.replayed ?? held)
    const { ms } = rule.effect as HoldEffect
    const since = [...this.#waiting].find((other) => other.rule === rule)?.since ?? run.counts[rule.index]!.matched
    return new Promise((resolve) => {
      const over = new AbortController()
      const end: Waiting['end'] = (how) => {
        if (!this.#waiting.delete(waiting)) return
        over.abort()
        clearTimeout(timer)
        resolve({ ...held, ...how })
        this.#changed(view, 'released')
      }
      const expire = () => end({ note: `The hold "${view.hold}" ended with its time, ${ms} ms.` })
      const waiting = { view, rule, since, end }
      this.#waiting.add(waiting)
      const onClock = this.#onClock(ms, over.signal)
      void onClock?.then(expire)
      const timer = onClock ? undefined : setTimeout(expire, Math.min(ms, MAX_TIMER_MS))
      signal.addEventListener('abort', () => end())
      this.#changed(view, 'waiting')
      this.notice(run)
    })
  }

  /** Lets those go that waited for so many calls. */
  notice(run: ScenarioRun): void {
    for (const { rule, since, end } of this.#waiting)
      if (run.counts[rule.index]!.matched >= since + (rule.effect as HoldEffect).until - 1) end()
  }

  /** Lets calls go on, all of them where none is meant. */
  release(isMeant: (call: HeldCall) => boolean = () => true, release: Release = 'answer'): void {
    for (const { view, end } of [...this.#waiting]) if (isMeant(view)) end({ release })
  }

  close(): void {
    this.#closed = true
    this.release()
  }
}
