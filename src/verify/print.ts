import type { Divergence } from './compare.js'
import type { CheckResult, VerifyReport } from './verify.js'

/** A report as lines for a terminal: a table, and what diverged. */
export function toLines({ checks, passed, diverged, skipped, server, customer }: VerifyReport): string[] {
  const rows = checks.map(({ operation, ending, expected, grade, result }) => [
    result,
    operation,
    ending,
    expected,
    grade,
  ])
  const head = ['result', 'operation', 'ending', 'status', 'grade']
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)))
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd()
  const details = checks.flatMap((check) => [
    ...check.divergences.map((one) => `${titleOf(check)}: ${sentence(one)}`),
    ...(check.reason === undefined ? [] : [`${titleOf(check)}: skipped, it ${check.reason}`]),
  ])
  return [
    line(head),
    ...rows.map(line),
    ...(details.length > 0 ? ['', ...details] : []),
    '',
    ...(customer === undefined ? [] : [`Without --customer, ${customer} was read.`]),
    `${server}: ${passed} passed, ${diverged} diverged, ${skipped} skipped`,
  ]
}

/** `body.token is null; expected: a text` */
const sentence = ({ at, expected, came }: Divergence) => `${at} is ${came}; expected: ${expected}`

const titleOf = ({ operation, ending }: CheckResult) => `${operation} ${ending}`

/** A report as JUnit's XML, for CI. */
export function toJUnit({ checks, vendor, diverged, skipped, at }: VerifyReport): string {
  const cases = checks.map((check) => {
    const { operation, ending, divergences, reason } = check
    const inner = [
      ...divergences.map((one) => `<failure message="${escapeXml(sentence(one))}"/>`),
      ...(reason === undefined ? [] : [`<skipped message="${escapeXml(reason)}"/>`]),
    ]
    const head = `<testcase classname="${escapeXml(operation)}" name="${escapeXml(ending)}"`
    return inner.length === 0 ? `  ${head}/>` : `  ${head}>${inner.join('')}</testcase>`
  })
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="wallet-sandbox verify ${vendor}" tests="${checks.length}" failures="${diverged}" skipped="${skipped}" timestamp="${at}">`,
    ...cases,
    '</testsuite>',
    '',
  ].join('\n')
}

const escapeXml = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
