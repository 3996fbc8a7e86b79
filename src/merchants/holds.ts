import type { AbortSignalLike } from '../lib/delays.js'
import type { ErrorName } from '../lib/errors.js'
import { clearTimeout, setTimeout } from '../lib/timers.js'
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

/** How a held call goes on: with its answer, without it, or with an error in its place. */
export type Release = 'answer' | 'lose' | { readonly error: ErrorName }

/** What a call was held by, and how it was released: what a capsule repeats. */
export interface Held {
  readonly rule: string
  readonly release: Release
  /** What a client cannot know of it, in one sentence. */
  readonly note?: string | undefined
}

type Changed = (call: HeldCall, state: 'waiting' | 'released') => void
type OnClock = (ms: number, signal: AbortSignalLike) => Promise<void> | undefined

interface Waiting {
  readonly view: HeldCall
  readonly rule: Rule
  /** Matches of the rule when the first of those held with it came. */
  readonly since: number
  end(release: Release, note?: string): void
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

  /** Resolves when the call is released, in whichever way. */
  wait(rule: Rule, run: ScenarioRun, view: HeldCall, signal: AbortSignalLike): Promise<Held> {
    const { name } = rule
    if (this.replayed !== undefined || this.#closed)
      return Promise.resolve(this.replayed ?? { rule: name, release: 'answer' })
    const { ms } = rule.effect as HoldEffect
    const { matched } = run.counts[rule.index]!
    const since = [...this.#waiting].find((other) => other.rule === rule)?.since ?? matched
    return new Promise((resolve) => {
      const over = new AbortController()
      const end: Waiting['end'] = (release, note) => {
        if (!this.#waiting.delete(waiting)) return
        over.abort()
        clearTimeout(timer)
        signal.removeEventListener('abort', hangUp)
        resolve({ rule: name, release, note })
        this.#changed(view, 'released')
      }
      const hangUp = () => end('answer')
      const expire = () => end('answer', `The hold "${view.hold}" ended with its time, ${ms} ms.`)
      const waiting = { view, rule, since, end }
      const onClock = this.#onClock(ms, over.signal)?.then(() => over.signal.aborted || expire())
      const timer = onClock ? undefined : setTimeout(expire, ms)
      this.#waiting.add(waiting)
      signal.addEventListener('abort', hangUp)
      this.#changed(view, 'waiting')
      if (signal.aborted) hangUp()
      this.notice(run)
    })
  }

  /** Lets those go that waited for so many calls. */
  notice(run: ScenarioRun): void {
    for (const { rule, since, end } of this.#waiting)
      if (run.counts[rule.index]!.matched >= since + (rule.effect as HoldEffect).until - 1) end('answer')
  }

  /** @returns how many were released */
  release(isMeant: (call: HeldCall) => boolean, release: Release): number {
    const meant = [...this.#waiting].filter(({ view }) => isMeant(view))
    for (const { end } of meant) end(release)
    return meant.length
  }

  /** Lets all go on. */
  releaseAll(): void {
    this.release(() => true, 'answer')
  }

  close(): void {
    this.#closed = true
    this.releaseAll()
  }
}
