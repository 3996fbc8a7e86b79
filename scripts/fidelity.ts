import { readFileSync, writeFileSync } from 'node:fs'
import { coverage } from '../src/api/coverage.js'
import type { Evidence } from '../src/api/evidence.js'
import { endpointsOf } from '../src/api/vendor.js'
import { ERROR_NAMES } from '../src/lib/errors.js'
import { VENDORS } from '../src/vendors/index.js'

/** The README's coverage tables, from the one table in the code. Run to write them. */

export const README = new URL('../README.md', import.meta.url)
const BEGIN = '<!-- coverage: npm run coverage -->'
const END = '<!-- end of coverage -->'

const ADDRESS = /https:\/\/\S+\/([^\s/]+)/g

/** A page goes by the last part of its address; what it stands for follows the tables. */
const cell = ({ grade, source }: Evidence) => `${grade}: ${source.replace(ADDRESS, '[$1]')}`

const links = (sources: readonly string[]) => {
  const pages = sources.flatMap((source) =>
    [...source.matchAll(ADDRESS)].map(([address, page]) => `[${page}]: ${address}`),
  )
  return [...new Set(pages)].sort().join('\n')
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

/** What each operation answers, and each vendor's form of each error where no operation has one of its own. */
export function coverageTables(): string {
  const covered = coverage(VENDORS)
  const operations = VENDORS.flatMap((vendor) => vendor.operations.map((operation) => ({ vendor, operation })))
  const own = operations.map(({ vendor, operation }) => {
    const [success, ...errors] = covered.filter(
      (row) => row.operation === operation.id && (row.ending === 'success' || operation.errors?.[row.ending]?.evidence),
    )
    const paths = endpointsOf(vendor, operation).map(
      ({ method, path }) => `\`${method} ${path.replace(/:(\w+)/g, '{$1}')}\``,
    )
    return [
      `\`${operation.id}\``,
      paths.join('<br>'),
      cell(success!.evidence),
      errors.map((row) => `\`${row.ending}\` ${cell(row.evidence)}`).join('<br>'),
    ]
  })
  const schemas = ERROR_NAMES.map((name) => [
    `\`${name}\``,
    ...VENDORS.map((vendor) => (vendor.errors[name] ? cell(vendor.errors[name].evidence) : 'no form')),
  ])
  return [
    table(['Operation', 'Request', 'Success', 'Errors of its own'], own),
    table(['Error', ...VENDORS.map(({ name }) => name)], schemas),
    links(covered.map(({ evidence }) => evidence.source)),
  ].join('\n\n')
}

const around = (readme: string) => {
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)]
  return {
    before: readme.slice(0, begin + BEGIN.length),
    inside: readme.slice(begin + BEGIN.length, end),
    after: readme.slice(end),
  }
}

export const tablesInReadme = () => around(readFileSync(README, 'utf8')).inside.trim()

if (process.argv[1]?.endsWith('fidelity.ts')) {
  const { before, after } = around(readFileSync(README, 'utf8'))
  writeFileSync(README, `${before}\n\n${coverageTables()}\n\n${after}`)
}
