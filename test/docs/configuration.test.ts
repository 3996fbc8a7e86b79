import { expect, test } from 'vitest'
import type { Operation, Vendor } from '../../src/api/vendor.js'
import { endpointsOf, isChoice } from '../../src/api/vendor.js'
import { flagOf, SETTINGS, type SettingName, variableOf } from '../../src/config.js'
import { createSandbox, type Sandbox } from '../../src/index.js'
import { VENDORS } from '../../src/vendors/index.js'
import { juspayHeaders } from '../contract/targets.js'
import { CUSTOMER, WALLET_ID } from '../control/helpers.js'
import { every } from '../every.js'
import { codes, section, tableRows } from './pages.js'

const PAGE = 'docs/configuration.md'

test('the table of flags is that of the settings', () => {
  const settings = (Object.keys(SETTINGS) as SettingName[]).map((name) => {
    const flag = flagOf(name)
    const { fallback, meaning, ...rest } = SETTINGS[name]
    return [`\`${'value' in rest ? `${flag} ${rest.value}` : flag}\``, `\`${variableOf(name)}\``, fallback, meaning]
  })
  const [table] = section(PAGE, 'Flags').split('\n### ')
  expect(tableRows(table!)).toEqual(settings)
})

test('the modes of latency do what their table says', async () => {
  const rows = tableRows(section(PAGE, 'Latency modes'))
  expect(rows.map(([mode]) => mode)).toEqual(['`real`', '`0.1`, for example', '`virtual`', '`clock`', '`off`'])
  for (const [mode, , reported] of rows) {
    await using sandbox = await createSandbox({ latency: codes(mode!)[0] as 'off' })
    const response = await sandbox.fetch(`http://x/wallets/${WALLET_ID}`, { headers: juspayHeaders() })
    expect([mode, response.headers.has('x-sandbox-latency-ms')]).toEqual([mode, !reported!.startsWith('nothing')])
  }
})

/** How a request breaks each rule of the table, and what is then said of it. */
const BREAKS: Readonly<Record<string, readonly [headers: Record<string, string | null>, said: RegExp]>> = {
  '`x-routing-id` is sent': [{ 'x-routing-id': null }, /The header x-routing-id is missing/],
  '`x-merchantid` is sent': [{ 'x-merchantid': null }, /The header x-merchantid is missing/],
  '`Content-Type` is `application/x-www-form-urlencoded`': [
    { 'content-type': null },
    /The header Content-Type is missing/,
  ],
  '`x-merchantid`, where sent, is the merchant of the API key, in the same case': [
    { 'x-merchantid': 'ACME' },
    /x-merchantid names another merchant/,
  ],
  '`x-routing-id` is the same on all requests of a customer': [
    { 'x-routing-id': 'another' },
    /x-routing-id is "another"/,
  ],
  '`version`, where sent, is a date such as `2019-09-17`': [{ version: '1.0' }, /version header is not a date/],
  'The Basic credentials have a colon after the API key': [
    { authorization: `Basic ${btoa('acme_test_key')}` },
    /no colon after the API key/,
  ],
}

const RULES = tableRows(section(PAGE, 'Strict mode'))
const JUSPAY = VENDORS.find(({ name }) => name === 'juspay')!
/** Those that a browser opens have no header rules. */
const OPERATIONS = JUSPAY.operations.filter(({ belongsTo }) => belongsTo === undefined)
const FIRST = '/wallets/wlt_q23xzki3pazgtezo'

/** A request of an operation, for things that need not be there: headers are checked first. */
function requestOf(vendor: Vendor, operation: Operation): { path: string; method: string; body?: URLSearchParams } {
  const { path, method, target } = endpointsOf(vendor, operation)[0]!
  const [choice] = isChoice(target) ? [...target.operations].find(([, one]) => one === operation)! : ['']
  const fields = new URLSearchParams(isChoice(target) && choice !== '' ? { [target.field]: choice } : {})
  const filled = path.replace(':wallet', WALLET_ID).replace(':customer', CUSTOMER).replace(/:\w+/, 'some')
  return method === 'GET' ? { path: `${filled}?${fields}`, method } : { path: filled, method, body: fields }
}

async function send(sandbox: Sandbox, operation: Operation, changed: Readonly<Record<string, string | null>>) {
  const { path, ...request } = requestOf(JUSPAY, operation)
  const headers = new Headers(juspayHeaders())
  for (const [name, value] of Object.entries(changed)) value === null ? headers.delete(name) : headers.set(name, value)
  return sandbox.fetch(`http://x${path}`, { ...request, headers })
}

/** What became of a request that breaks a rule. */
async function treatment(sandbox: Sandbox, operation: Operation, rule: string): Promise<string> {
  await sandbox.control.merchant('acme').reset()
  await sandbox.fetch(`http://x${FIRST}`, { headers: juspayHeaders() })
  const [changed, said] = BREAKS[rule]!
  const response = await send(sandbox, operation, changed)
  const { requests } = await sandbox.control.requests.get()
  const { warnings } = requests.at(-1)!
  if (said.test(response.headers.get('x-sandbox-reason') ?? '')) return String(response.status)
  return warnings.some((warning) => said.test(warning)) ? 'warning' : 'nothing'
}

test('the table of strict rules names each rule that is known to this test', () => {
  expect(new Set(RULES.map(([rule]) => rule))).toEqual(new Set(Object.keys(BREAKS)))
})

test('each operation treats each rule as the table says', async () => {
  const inRow = (cell: string, rule: string, { id }: Operation) => {
    if (cell === 'every Juspay operation') return true
    if (!cell.startsWith('every other')) return codes(cell).includes(id)
    return !RULES.some(([other, cell]) => other === rule && codes(cell!).includes(id))
  }
  const cases = Object.keys(BREAKS).flatMap((rule) => OPERATIONS.map((operation) => ({ rule, operation })))
  await using lenient = await createSandbox({ latency: 'off' })
  await using strict = await createSandbox({ latency: 'off', strict: true })
  await every(
    cases.map(({ rule, operation }) => [rule, operation.id, operation] as const),
    async ([rule, , operation]) => {
      // Without a customer there is none whose routing id could differ.
      if (rule.includes('the same on all') && !requestOf(JUSPAY, operation).path.match(/wlt_|cst_/)) return
      const row = RULES.find(([other, cell]) => other === rule && inRow(cell!, rule, operation))
      const [, , ofLenient = 'nothing', ofStrict = 'nothing'] = row ?? []
      expect([await treatment(lenient, operation, rule), await treatment(strict, operation, rule)]).toEqual([
        ofLenient,
        ofStrict,
      ])
    },
  )
})
