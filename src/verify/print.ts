import { aligned } from '../lib/text.js'
import type { Divergence } from './compare.js'
import type { CheckResult, VerifyReport } from './verify.js'

export function toLines({ checks, passed, diverged, skipped, server, customer }: VerifyReport): string[] {
  const rows = checks.map((one) => [one.result, one.operation, one.ending, one.expected, one.grade])
  const details = checks.flatMap((check) => [
    ...check.divergences.map((one) => `${titleOf(check)}: ${sentence(one)}`),
    ...(check.reason === undefined ? [] : [`${titleOf(check)}: skipped, it ${check.reason}`]),
  ])
  return [
    ...aligned([['result', 'operation', 'ending', 'status', 'grade'], ...rows]),
    ...(details.length > 0 ? ['', ...details] : []),
    '',
    ...(customer === undefined ? [] : [`Without --customer, ${customer} was read.`]),
    `${server}: ${passed} passed, ${diverged} diverged, ${skipped} skipped`,
  ]
}

/** `body.token is null; expected: a text` */
const sentence = ({ at, expected, came }: Divergence) => `${at} is ${came}; expected: ${expected}`

const titleOf = ({ operation, ending }: CheckResult) => `${operation} ${ending}`

export const casesOf = ({ checks }: VerifyReport) =>
  checks.map(({ operation, ending, divergences, reason }) => ({
    group: operation,
    name: ending,
    failures: divergences.map(sentence),
    skipped: reason,
  }))
