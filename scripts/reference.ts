import { readFileSync, writeFileSync } from 'node:fs'
import type { Field } from '../src/api/request.js'
import { endpointsOf, isChoice, type Operation, type Vendor } from '../src/api/vendor.js'
import { shownPath } from '../src/lib/path.js'
import { VENDORS } from '../src/vendors/index.js'
import { bodyExample, HEADER_EXAMPLES, inPath } from './openapi/examples.js'

/** docs/requests.md and the collection of requests, from the table of operations. Run to write them. */
export const REFERENCE_FILES = {
  'docs/requests.md': requestsPage,
  'docs/examples/wallet-sandbox.http': collection,
} as const

export const referenceOnDisk = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')

const TITLES = { juspay: 'Juspay', juicyway: 'Juicyway' } as const

/** `POST /wallets/{wallet}` with `command=link` */
function placesOf(vendor: Vendor, operation: Operation): string[] {
  return endpointsOf(vendor, operation).flatMap(({ method, path, target }) => {
    const place = `\`${method} ${shownPath(path)}\``
    if (!isChoice(target)) return [place]
    const values = [...target.operations].flatMap(([value, one]) => (one === operation ? [value] : []))
    return values.map((value) => (value === '' ? place : `${place} with \`${target.field}=${value}\``))
  })
}

function formOf({ schema }: Field): string {
  const { type, enum: choices, pattern, minimum, maximum, maxLength } = schema as Record<string, unknown>
  if (Array.isArray(choices))
    return choices.length > 6 ? `one of ${choices.length} names` : choices.map((one) => `\`${one}\``).join(', ')
  if (type === 'integer') return `whole number from ${minimum} to ${maximum}`
  if (type === 'boolean') return '`true` or `false`'
  if (type === 'object') return 'object'
  if (typeof pattern === 'string' && pattern.startsWith('^https?')) return 'URL'
  return `text of up to ${maxLength} characters`
}

const row = (place: string, field: Field) =>
  `| \`${field.name}\`${field.required ? ', required' : ''} | ${place} | ${formOf(field)} | ${field.description} |`

function fieldTable({ query = [], body = [] }: Operation): string[] {
  const rows = [...query.map((field) => row('query', field)), ...body.map((field) => row('body', field))]
  return rows.length === 0 ? [] : ['', '| Field | In | Form | Means |', '| --- | --- | --- | --- |', ...rows]
}

function requestsPage(): string {
  const sections = VENDORS.flatMap((vendor) => [
    `## ${TITLES[vendor.name]}`,
    ...vendor.operations.flatMap((operation) => {
      return [
        [
          `### ${operation.id}`,
          '',
          operation.summary,
          '',
          ...placesOf(vendor, operation).map((place) => `- ${place}`),
          ...fieldTable(operation),
        ].join('\n'),
      ]
    }),
  ])
  return `${[
    '# Requests',
    `What each operation reads. Juspay's bodies are forms, or JSON with the same names; Juicyway's are JSON. The same is in the
[OpenAPI document](openapi.md), with the answers. \`npm run reference\` writes this page.`,
    ...sections,
  ].join('\n\n')}\n`
}

const KEYS = { juspay: `Basic ${btoa('acme_test_key:')}`, juicyway: 'Bearer test_globex_juicyway' } as const

/** What others have to come before. */
const FIRST = [
  'juspay.createOrder',
  'juspay.updateOrder',
  'juspay.createSession',
  // Its token is gone once the wallet is delinked.
  'juspay.debitWallet',
  'juspay.delinkWallet',
  'juspay.updateWalletMobile',
  'juspay.authenticateWallet',
]
const LAST = ['juicyway.updateWalletStatus']

const placeOf = ({ id }: Operation) =>
  LAST.includes(id) ? 2 : FIRST.includes(id) ? FIRST.indexOf(id) / FIRST.length : 1

function collection(): string {
  const requests = VENDORS.flatMap((vendor) =>
    vendor.operations
      .filter(({ belongsTo }) => belongsTo === undefined)
      .sort((a, b) => placeOf(a) - placeOf(b))
      .map((operation) => requestExample(vendor, operation)),
  )
  return `${[HEAD, ...requests].join('\n\n')}\n`
}

const HEAD = `# Requests for the HTTP clients of editors, one of each operation, in an order in which each succeeds:
# send them to a sandbox that was just started. npm run reference writes this file.

@url = http://127.0.0.1:8080`

function requestExample(vendor: Vendor, operation: Operation): string {
  const { method, path, target } = endpointsOf(vendor, operation)[0]!
  const { summary } = operation
  const choice = isChoice(target) ? [...target.operations].find(([, one]) => one === operation)![0] : ''
  const filled = path.replace(/:(\w+)/g, (_, name: string) => inPath(vendor, name, path))
  const given = bodyExample(vendor, operation, path)
  const fields: Record<string, unknown> = choice === '' || method === 'GET' ? given : { command: choice, ...given }
  const query = method === 'GET' && choice !== '' ? `?command=${choice}` : ''
  const headers = [
    `Authorization: ${KEYS[vendor.name]}`,
    ...(operation.requiredHeaders ?? []).flatMap((name) =>
      name === 'content-type' ? [`Content-Type: ${FORM}`] : [`${name}: ${HEADER_EXAMPLES[name]}`],
    ),
  ]
  const isForm = vendor.name === 'juspay'
  if (method !== 'GET') headers.push(`Content-Type: ${isForm ? FORM : 'application/json'}`)
  const text = isForm ? String(new URLSearchParams(fields as Record<string, string>)) : JSON.stringify(fields)
  return [
    `### ${operation.id}: ${summary}`,
    `${method} {{url}}${filled}${query}`,
    ...headers,
    ...(method === 'GET' ? [] : ['', text]),
  ].join('\n')
}

const FORM = 'application/x-www-form-urlencoded'

if (process.argv[1]?.endsWith('reference.ts'))
  for (const [file, text] of Object.entries(REFERENCE_FILES))
    writeFileSync(new URL(`../${file}`, import.meta.url), text())
