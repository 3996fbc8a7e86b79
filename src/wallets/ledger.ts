import { MAX_MINOR, type Minor } from './money.js'

/** Postings on a balance. Every movement of money goes through one of the two, so that none is made or lost. */

/** A debit that the balance does not cover: nothing was posted. */
export class InsufficientBalance {
  /** What is missing. */
  readonly short: Minor

  constructor(short: Minor) {
    this.short = short
  }
}

/** A credit that would take the balance beyond what is held exactly: nothing was posted. */
export class BalanceLimit {
  /** What is too much. */
  readonly excess: Minor

  constructor(excess: Minor) {
    this.excess = excess
  }
}

/** The balance after `amount`, which is not negative, went in. */
export function credit(balance: Minor, amount: Minor): Minor | BalanceLimit {
  return balance + amount > MAX_MINOR ? new BalanceLimit(balance + amount - MAX_MINOR) : balance + amount
}

/** The balance after `amount`, which is not negative, went out. */
export function debit(balance: Minor, amount: Minor): Minor | InsufficientBalance {
  return amount > balance ? new InsufficientBalance(amount - balance) : balance - amount
}
