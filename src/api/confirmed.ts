import { InputError } from '../lib/errors.js'
import { readJson } from '../lib/files.js'
import { isObject } from '../lib/json.js'
import { quote } from '../lib/text.js'

/** Dates on which a server of the vendor answered so, by operation and ending such as `juspay.getWallet success`. */
export type Confirmed = Readonly<Record<string, string>>

/** What a report of `verify` confirms. @throws InputError for another text, or one with an unknown operation */
export function confirmedBy(file: string, operations: ReadonlySet<string>): Confirmed {
  const report = readJson(file)
  const no = (place: string, value: unknown, allowed: string) =>
    new InputError(`${file}:${place}: is ${quote(value)}; allowed: ${allowed}`)
  if (!isObject(report) || report.report !== 'wallet-sandbox verify')
    throw no('report', isObject(report) ? report.report : report, 'a report of wallet-sandbox verify --report')
  const { at, checks } = report
  if (typeof at !== 'string' || !/^\d{4}-\d\d-\d\dT/.test(at)) throw no('at', at, 'a UTC time')
  if (!Array.isArray(checks)) throw no('checks', checks, 'a list')
  const passed = checks.filter((check) => isObject(check) && check.result === 'passed')
  for (const { operation } of passed)
    if (!operations.has(operation)) throw no('checks', operation, 'the ids of operations')
  return Object.fromEntries(passed.map(({ operation, ending }) => [`${operation} ${ending}`, at.slice(0, 10)]))
}
