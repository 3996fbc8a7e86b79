import { ERROR_NAMES, type ErrorName, InputError } from '../lib/errors.js'
import { quote } from '../lib/text.js'
import type { HeldCall } from '../merchants/holds.js'
import { matcher } from '../scenarios/pattern.js'
import { type ControlInput, checkInput } from './check.js'
import { ControlError } from './errors.js'
import type { Scope } from './scope.js'
import { nextOf } from './webhooks.js'

export interface HoldsControl {
  /** The calls that wait now, in the order in which they came. */
  get(): Promise<{ readonly holds: readonly HeldCall[] }>
  /**
   * Lets the calls of a hold go on, or one of them by the id of its entry: with their answer, with `lose` without it, or with
   * an error in its place.
   *
   * @example
   * await sandbox.control.holds.release('debit', { lose: true })
   */
  release(hold: string, how?: ControlInput<'release'>): Promise<{ readonly released: number }>
  /**
   * The oldest call that is held and was not given out before, or the next one to come. It waits until the sandbox is closed.
   *
   * @example
   * const { call } = await sandbox.control.holds.next({ hold: 'debit' })
   */
  next(match?: ControlInput<'nextHold'>): Promise<HeldCall>
}

export function holdsControl(scope: Scope): HoldsControl {
  const calls = () => scope.merchants().flatMap(({ holds }) => holds.calls)
  /** @throws InputError for an error that the vendor of a held call has no form for */
  const checkError = (error: string, meant: readonly HeldCall[]): ErrorName => {
    const isMeant = ({ id }: { readonly id: string }) => meant.some(({ operation }) => operation === id)
    const known = ERROR_NAMES.filter((name) =>
      scope.vendors.every(({ operations, errors }) =>
        operations.filter(isMeant).every((operation) => operation.errors?.[name] ?? errors[name]),
      ),
    )
    const found = known.find((name) => name === error)
    if (found) return found
    throw new InputError(`error: is ${quote(error)}; allowed for the calls held: ${known.join(', ')}`)
  }
  return {
    get: async () => ({ holds: calls() }),
    async release(hold, how = {}) {
      const { lose, error, call } = await checkInput('release', how)
      const isMeant = (one: HeldCall) => one.hold === hold && (call === undefined || one.call === call)
      const meant = calls().filter(isMeant)
      if (meant.length === 0) {
        const waiting = calls().map((one) => `${quote(one.hold)} (call ${one.call})`)
        throw new ControlError(
          'not_found',
          `No call is held by ${quote(hold)}; held are: ${waiting.join(', ') || 'none'}.`,
        )
      }
      const release = error === undefined ? (lose ? 'lose' : 'answer') : { error: checkError(error, meant) }
      for (const merchant of scope.merchants()) merchant.holds.release(isMeant, release)
      return { released: meant.length }
    },
    async next(match = {}) {
      const { hold = '*' } = await checkInput('nextHold', match)
      const isMeant = matcher(hold)
      const matches = (one: HeldCall) => isMeant(one.hold)
      return nextOf(scope, 'hold', ({ holds }) => holds.calls, matches)
    },
  }
}
