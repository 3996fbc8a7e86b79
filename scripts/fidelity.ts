import { readFileSync, writeFileSync } from 'node:fs'
import { coverage } from '../src/api/coverage.js'
import type { Evidence } from '../src/api/evidence.js'
import { endpointsOf, type Vendor } from '../src/api/vendor.js'
import { ERROR_NAMES } from '../src/lib/errors.js'
import { shownPath } from '../src/lib/path.js'
import { VENDORS } from '../src/vendors/index.js'

/** The coverage tables of docs/fidelity.md, from the evidence in the code. Run to write them. */

const PAGE = new URL('../docs/fidelity.md', import.meta.url)
const BEGIN = '<!-- coverage: npm run coverage -->'
const END = '<!-- end of coverage -->'

/** An address ends before white space, a bracket or a quotation mark, and before punctuation in front of one. */
const ADDRESS = /https?:\/\/[^\s<>()[\]{}"'`]*[^\s<>()[\]{}"'`.,;:!?]/g

/** A short name for each address in the texts: as many of its last segments as tell it from the others. */
export function linkNames(texts: readonly string[]): ReadonlyMap<string, string> {
  const addresses = [...new Set(texts.flatMap((text) => text.match(ADDRESS) ?? []))]
  const tail = (address: string, length: number) => address.split('/').slice(-length).join('/')
  const shortest = (address: string) => {
    let length = 1
    const isTaken = () => addresses.some((other) => other !== address && tail(other, length) === tail(address, length))
    while (tail(address, length) === '' || isTaken()) length++
    return tail(address, length)
  }
  return new Map(addresses.map((address) => [address, shortest(address)]))
}

/** A text with its addresses as reference links. */
export const withLinks = (text: string, names: ReadonlyMap<string, string>) =>
  text.replace(ADDRESS, (address) => `[${names.get(address)}]`)

const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n')

/** What each operation answers, and each vendor's form of each error where no operation has one of its own. */
export function coverageTables(): string {
  const covered = coverage(VENDORS)
  const names = linkNames(covered.map(({ evidence }) => evidence.source))
  const cell = ({ grade, source }: Evidence) => `${grade}: ${withLinks(source, names)}`
  const operationRows = (vendor: Vendor) =>
    vendor.operations.map((operation) => {
      const [success, ...errors] = covered.filter(
        ({ operation: id, ending }) => id === operation.id && (ending === 'success' || operation.errors?.[ending]),
      )
      const paths = endpointsOf(vendor, operation).map(({ method, path }) => `\`${method} ${shownPath(path)}\``)
      return [
        `\`${operation.id}\``,
        paths.join('<br>'),
        cell(success!.evidence),
        errors.map(({ ending, evidence }) => `\`${ending}\` ${cell(evidence)}`).join('<br>'),
      ]
    })
  const errorRows = ERROR_NAMES.map((name) => [
    `\`${name}\``,
    ...VENDORS.map(({ errors }) => (errors[name] ? cell(errors[name]) : 'no form')),
  ])
  return [
    ...VENDORS.flatMap((vendor) => [
      `### Operations of ${vendor.name}`,
      table(['Operation', 'Request', 'Success', 'Errors with evidence of their own'], operationRows(vendor)),
    ]),
    '### Errors',
    table(['Error', ...VENDORS.map(({ name }) => name)], errorRows),
    Array.from(names, ([address, name]) => `[${name}]: ${address}`)
      .sort()
      .join('\n'),
  ].join('\n\n')
}

const split = (page: string) => {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)]
  return {
    before: page.slice(0, begin + BEGIN.length),
    inside: page.slice(begin + BEGIN.length, end),
    after: page.slice(end),
  }
}

export const tablesOnPage = () => split(readFileSync(PAGE, 'utf8')).inside.trim()

if (process.argv[1]?.endsWith('fidelity.ts')) {
  const { before, after } = split(readFileSync(PAGE, 'utf8'))
  writeFileSync(PAGE, `${before}\n\n${coverageTables()}\n\n${after}`)
}
