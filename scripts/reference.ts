import { readFileSync, writeFileSync } from 'node:fs'
import type { Field } from '../src/api/request.js'
import { endpointsOf, isChoice, type Operation, type Vendor } from '../src/api/vendor.js'
import { VENDORS } from '../src/vendors/index.js'

/** docs/requests.md and the collection of requests, from the table of operations. Run to write them. */
export const REFERENCE_FILES = {
  'docs/requests.md': requestsPage,
  'docs/examples/wallet-sandbox.http': collection,
} as const

export const referenceOnDisk = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')

const TITLES = { juspay: 'Juspay', juicyway: 'Juicyway' } as const

const template = (path: string) => path.replace(/:(\w+)/g, '{$1}')

/** `POST /wallets/{wallet}` with `command=link` */
function placesOf(vendor: Vendor, operation: Operation): string[] {
  return endpointsOf(vendor, operation).flatMap(({ method, path, target }) => {
    const place = `\`${method} ${template(path)}\``
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

/** What stands for a name where the shipped fixtures have it. */
const EXAMPLES: Readonly<Record<string, string>> = {
  customer: 'cst_om2l6ctlptxwxuzj',
  order: 'tea-1',
  merchant: 'acme',
  // What the debit and the transaction before come to in a fresh sandbox: ids follow from the seed.
  payment: 'acme-tea-1-1',
  transaction: 'd16b30e7-2006-4ebc-a383-fd536d9f67e0',
  direct_wallet_token: 'tok_winysteev9eftrwcv6me',
  order_id: 'tea-1',
  customer_id: 'cst_om2l6ctlptxwxuzj',
  amount: '109.55',
  otp: '123456',
  object_reference_id: 'customer_2233',
  gateway: 'PAYTM',
  payment_method: 'MOBIKWIK',
  mobile_number: '9876543210',
  status: 'frozen',
  currency: 'USD',
  unique_request_id: 'refund-1',
  topup_txn_id: 'topup-1',
  first_name: 'Ada',
  last_name: 'Obi',
  email: 'ada@example.com',
  phone_number: '+2348012345678',
  wallet_id: 'b1e0c2d4-6f7a-4b8c-9d0e-1f2a3b4c5d6e',
}
/** Two refunds of one payment, which differ. */
const OWN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'juspay.refundOrder': { amount: '10' },
  'juspay.refundPayment': { amount: '20', unique_request_id: 'refund-2' },
}
const WALLET = { juspay: 'wlt_q23xzki3pazgtezo', juicyway: 'b1e0c2d4-6f7a-4b8c-9d0e-1f2a3b4c5d6e' } as const
const ADDRESS = { line1: '1 Marina', city: 'Lagos', state: 'Lagos', zip_code: '100001', country: 'NG' }
const CUSTOMER = { juspay: EXAMPLES.customer!, juicyway: '7c0e6b1a-52d4-4c8e-9a57-0d1f8c2b6e90' } as const

const KEYS = { juspay: `Basic ${btoa('acme_test_key:')}`, juicyway: 'Bearer test_globex_juicyway' } as const

function exampleOf(vendor: Vendor, { name, schema }: Field): unknown {
  if (name === 'customer_id') return CUSTOMER[vendor.name]
  if (name === 'billing_address') return ADDRESS
  if (schema.type === 'integer') return schema.minimum === 1 ? 1500 : (schema.minimum ?? 1)
  const choices = schema.enum as readonly string[] | undefined
  const known = EXAMPLES[name]
  if (choices) return known !== undefined && choices.includes(known) ? known : choices[0]
  return known ?? 'text'
}

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
  const { summary, body = [] } = operation
  const choice = isChoice(target) ? [...target.operations].find(([, one]) => one === operation)![0] : ''
  const filled = path.replace(/:(\w+)/g, (_, name: string) => {
    if (name === 'wallet') return WALLET[vendor.name]
    return name === 'customer' ? CUSTOMER[vendor.name] : (EXAMPLES[name] ?? 'some')
  })
  const fitting = path.includes(':order') ? body.filter(({ name }) => name !== 'order_id') : body
  const given = { ...examplesOf(vendor, fitting), ...OWN[operation.id] }
  const fields: Record<string, unknown> = choice === '' || method === 'GET' ? given : { command: choice, ...given }
  const query = method === 'GET' && choice !== '' ? `?command=${choice}` : ''
  const headers = [
    `Authorization: ${KEYS[vendor.name]}`,
    ...(operation.requiredHeaders ?? []).flatMap((name) =>
      name === 'content-type' ? [`Content-Type: ${FORM}`] : [`${name}: ${HEADERS[name]}`],
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

const HEADERS: Readonly<Record<string, string>> = { 'x-merchantid': 'acme', 'x-routing-id': 'customer_1122' }

const FORM = 'application/x-www-form-urlencoded'

/** The fields that an operation needs, and those that it needs one of. */
const NEEDED: ReadonlySet<string> = new Set([
  'order_id',
  'amount',
  'customer_id',
  'mobile_number',
  'direct_wallet_token',
])

const examplesOf = (vendor: Vendor, fields: readonly Field[]) =>
  Object.fromEntries(
    fields
      .filter(({ name, required }) => required || NEEDED.has(name))
      .map((field) => [field.name, exampleOf(vendor, field)]),
  )

if (process.argv[1]?.endsWith('reference.ts'))
  for (const [file, text] of Object.entries(REFERENCE_FILES))
    writeFileSync(new URL(`../${file}`, import.meta.url), text())
