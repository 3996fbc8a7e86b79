import { MAX_MINOR, type Minor } from './money.js'

/** Postings on a balance. Every movement of money goes through one of the two, so that none is made or lost. */

/** The balance after `amount`, which is not negative, went in; undefined where that is more than is held exactly. */
export const credit = (balance: Minor, amount: Minor): Minor | undefined =>
  balance + amount > MAX_MINOR ? undefined : balance + amount

/** The balance after `amount`, which is not negative, went out; undefined where that is more than there is. */
export const debit = (balance: Minor, amount: Minor): Minor | undefined =>
  amount > balance ? undefined : balance - amount
