/** What a tool that shows tests is told of one thing that was checked. */
export interface JUnitCase {
  readonly group: string
  readonly name: string
  readonly failures?: readonly string[]
  readonly skipped?: string | undefined
}

const escapeXml = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/** A report as JUnit's XML, for CI. @param at ISO 8601; left out where a report has no time */
export function toJUnit(suite: string, cases: readonly JUnitCase[], at?: string): string {
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
    `<testsuite name="${escapeXml(suite)}" tests="${cases.length}" failures="${failed}" skipped="${skipped}"${at === undefined ? '' : ` timestamp="${at}"`}>`,
    ...lines,
    '</testsuite>',
    '',
  ].join('\n')
}
