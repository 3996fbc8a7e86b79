import { appendFileSync } from 'node:fs'
import { jobSummaryFile } from '../config.js'
import { type Streams, save } from './command.js'

interface Case {
  readonly group: string
  readonly name: string
  readonly failures?: readonly string[]
  readonly skipped?: string | undefined
}

const escapeXml = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/** What a command found, in each form in which people and CI services read it. */
interface Report {
  readonly title: string
  readonly lines: readonly string[]
  readonly cases: readonly Case[]
  /** ISO 8601; left out where a report has no time. */
  readonly at?: string
  /** Printed as JSON. */
  readonly data?: unknown
  /** Lines for the summary of a job on GitHub. */
  readonly markdown?: readonly string[]
}

export async function publish(report: Report, { junit, json }: { junit?: string; json?: boolean }, { out }: Streams) {
  const { title, lines, data, markdown } = report
  // First of all, so that a file that cannot be written costs that file alone.
  for (const line of json ? [JSON.stringify(data, null, 2)] : lines) await out(line)
  save(junit, () => toJUnit(report))
  if (markdown) save(jobSummaryFile(), () => [`### ${title}`, '', ...markdown, ''].join('\n'), appendFileSync)
}

function toJUnit({ title, cases, at }: Report): string {
  const lines = cases.map(({ group, name, failures = [], skipped }) => {
    const inner = [
      ...failures.map((message) => `<failure message="${escapeXml(message)}"/>`),
      ...(skipped === undefined ? [] : [`<skipped message="${escapeXml(skipped)}"/>`]),
    ]
    const head = `<testcase classname="${escapeXml(group)}" name="${escapeXml(name)}"`
    return inner.length === 0 ? `  ${head}/>` : `  ${head}>${inner.join('')}</testcase>`
  })
  const failed = cases.filter(({ failures = [] }) => failures.length > 0).length
  const skipped = cases.filter((one) => one.skipped !== undefined).length
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="${escapeXml(title)}" tests="${cases.length}" failures="${failed}" skipped="${skipped}"${at === undefined ? '' : ` timestamp="${at}"`}>`,
    ...lines,
    '</testsuite>',
    '',
  ].join('\n')
}
