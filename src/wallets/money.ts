/** Money is a whole number of minor units (paise, cents). No amount is ever held as a fraction. */
export type Minor = number

/** The largest amount, in minor units, that every sum of two still holds exactly. */
export const MAX_MINOR: Minor = 1e15

const DECIMAL = /^(-?)(\d+)(?:\.(\d{1,2}))?$/

/** Undefined for a third decimal, an exponent, a sign that is not a minus, and more than ten trillion. */
export function parseMinor(text: string): Minor | undefined {
  const parts = DECIMAL.exec(text)
  if (!parts) return undefined
  const [, sign, units, fraction = ''] = parts
  const minor = Number(units) * 100 + Number(fraction.padEnd(2, '0'))
  if (minor > MAX_MINOR) return undefined
  return sign && minor !== 0 ? -minor : minor
}

/** Minor units of a JSON number. 8.165 × 100 is 816.4999… in binary, so the number's own decimal text is read instead. */
export function minorOf(value: number): Minor | undefined {
  if (Number.isInteger(value) && Math.abs(value) <= MAX_MINOR / 100) return value * 100 + 0
  return parseMinor(String(value))
}

/** The JSON number of an amount: the double nearest to it, which prints the same two decimals. */
export const majorOf = (minor: Minor): number => minor / 100

/** The balance after `amount`, which is not negative, went in; undefined where that is more than is held exactly. */
export const credit = (balance: Minor, amount: Minor): Minor | undefined =>
  balance + amount > MAX_MINOR ? undefined : balance + amount

/** The balance after `amount`, which is not negative, went out; undefined where that is more than there is. */
export const debit = (balance: Minor, amount: Minor): Minor | undefined =>
  amount > balance ? undefined : balance - amount
