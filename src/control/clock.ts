import { CLOCK_TIMES, canStandAt } from '../lib/clock.js'
import { durationMs } from '../lib/duration.js'
import { InputError } from '../lib/errors.js'
import { quote } from '../lib/text.js'
import { type ControlInput, checkInput } from './check.js'
import type { Scope } from './scope.js'

export interface ClockReading {
  /** ISO 8601, UTC. */
  readonly now: string
  readonly mode: 'real' | 'frozen'
  /** How many calls wait for it to be advanced, where `--latency clock` lets them. */
  readonly waiting?: number
}

/** The time that everything follows: tokens, windows of rules, Retry-After, refreshes, the journal. */
export interface ClockControl {
  /** The merchant's clock, or the server's: the one that merchants made later begin with. */
  get(): Promise<ClockReading>
  /**
   * `{now}` makes the clock stand there; `{mode: 'frozen'}` where it is; `{mode: 'real'}` lets it run with the machine's;
   * `{now, mode: 'real'}` lets it run from there.
   */
  put(to: ControlInput<'clock'>): Promise<ClockReading>
  /**
   * @param by milliseconds, or text such as `"16m"`
   * @example
   * await sandbox.control.clock.advance('16m')
   */
  advance(by: number | string): Promise<ClockReading>
}

export function clockControl(scope: Scope): ClockControl {
  const get = async () => reading(scope)
  return {
    get,
    async put(given) {
      const { now, mode = 'frozen' } = await checkInput('clock', given)
      const at = now === undefined ? undefined : Date.parse(now)
      for (const merchant of scope.merchants()) {
        const { clock, webhooks } = merchant
        merchant.perform('clock.put', { now, mode }, () => (mode === 'real' ? clock.run(at) : clock.freeze(at)))
        webhooks.pump()
      }
      return get()
    },
    async advance(given) {
      const { by } = await checkInput('advance', { by: given })
      const ms = durationMs(by)
      const clocks = scope.merchants().map(({ clock }) => clock)
      if (!clocks.every((clock) => canStandAt(clock.now() + ms)))
        throw new InputError(`advance:by: is ${quote(by)}; allowed: a duration after which it is still ${CLOCK_TIMES}`)
      // Events that fall due on the way are delivered at their times.
      const advances = scope.merchants().map((merchant) => {
        merchant.perform('clock.advance', { by }, () => {})
        return merchant.webhooks.advance(ms)
      })
      await Promise.all(advances)
      return get()
    },
  }
}

export function reading(scope: Pick<Scope, 'lead' | 'merchants'>): ClockReading {
  const { clock } = scope.lead()
  const following = scope.merchants().filter(({ latency }) => latency.mode === 'clock')
  const waiting = following.reduce((sum, { waits }) => sum + waits.size, 0)
  return { now: new Date(clock.now()).toISOString(), mode: clock.mode, ...(following.length > 0 && { waiting }) }
}
