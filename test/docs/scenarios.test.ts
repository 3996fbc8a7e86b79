import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createSandbox, type Scenario } from '../../src/index.js'
import { ERROR_NAMES, type ErrorName } from '../../src/lib/errors.js'
import { readShipped, shippedScenarios } from '../../src/scenarios/read.js'
import { FAULTS, PERS, PHASES, STATE_EFFECTS } from '../../src/scenarios/terms.js'
import { VENDORS } from '../../src/vendors/index.js'
import { ROOT } from '../build.js'
import { juicywayHeaders, juspayHeaders } from '../contract/targets.js'
import { CUSTOMER, REFRESH, WALLET } from '../control/helpers.js'
import { codes, onlyBlock, read, section, tableRows } from './pages.js'

const PAGE = 'docs/scenarios.md'
const rowsOf = (heading: string) => tableRows(section(PAGE, heading))
/** The rows of one table of several under a heading, by how it begins. */
const tableAfter = (heading: string, marker: string) => {
  const [, after = ''] = section(PAGE, heading).split(marker)
  return tableRows(/(?:^\|.*\n)+/m.exec(after)![0])
}
const names = (rows: readonly (readonly string[])[]) => rows.map(([cell]) => codes(cell!)[0])

const sent = async (
  scenario: Scenario,
  paths: readonly string[],
  headers: Record<string, string> = juspayHeaders(),
) => {
  await using sandbox = await createSandbox({ scenario, latency: 'off', clock: '2023-09-11T08:30:00Z' })
  const responses: Response[] = []
  for (const path of paths) responses.push(await sandbox.fetch(`http://x${path}`, { headers }))
  return responses
}

test('the ids of all operations are on the page', () => {
  const ids = rowsOf('Writing one').flatMap(([, cell = '']) => codes(cell).filter((code) => /^ju\w+\.\w+$/.test(code)))
  expect(ids).toEqual(VENDORS.flatMap(({ operations }) => operations.map(({ id }) => id)))
})

test('the table of shipped scenarios is what their descriptions say', async () => {
  const rows = shippedScenarios().map(async (name) => {
    const { description = '' } = await readShipped(name)
    const [happens, should = ''] = description.split('. A client should ')
    return [`\`${name}\``, `${happens}.`, should[0]!.toUpperCase() + should.slice(1)]
  })
  expect(rowsOf('Choosing one')).toEqual(await Promise.all(rows))
})

test('the README counts them', () => {
  const counts = { 14: 'Fourteen', 15: 'Fifteen', 16: 'Sixteen', 17: 'Seventeen', 18: 'Eighteen' }
  const count = counts[shippedScenarios().length as 15]
  expect(read('README.md')).toMatch(new RegExp(`${count}\\sscenarios ship`))
})

test('the README’s scenario fails the third refresh of each customer, and no other one', async () => {
  const scenario = JSON.parse(onlyBlock(section('README.md', 'An incident in 60 seconds'), 'json')) as Scenario
  const other = '/customers/guest_user/wallets/refresh-balances'
  const responses = await sent(scenario, [REFRESH, REFRESH, other, REFRESH, other, other, REFRESH, WALLET])
  expect(responses.map(({ status }) => status)).toEqual([200, 200, 200, 401, 200, 401, 200, 200])
})

test('the scenario on the page does what its description says', async () => {
  const scenario = JSON.parse(onlyBlock(section(PAGE, 'Writing one'), 'json')) as Scenario
  const list = `/customers/${CUSTOMER}/wallets`
  const responses = await sent(
    scenario,
    Array.from({ length: 10 }, () => list),
  )
  expect(responses.map(({ status }) => status)).toEqual([...Array<number>(9).fill(200), 429])
  expect(responses.at(-1)!.headers.get('retry-after')).toBe('900')
})

test('the published tables are those of the operations', () => {
  const [, after = ''] = section(PAGE, 'Latency').split('The vendor publishes these tables')
  const published = VENDORS.flatMap(({ operations }) => operations).flatMap(({ id, latency }) =>
    latency ? [[id, ...Object.values(latency.percentiles).map(String)]] : [],
  )
  const rows = tableRows(after).map(([cell, ...figures]) => [codes(cell!)[0], ...figures])
  expect(new Set(rows)).toEqual(new Set(published))
})

test('the table of errors has the status of each, or that a vendor has none', async () => {
  const statusOf = async (error: ErrorName, vendor: (typeof VENDORS)[number]) => {
    if (vendor.errors[error] === null) return 'no form'
    const rules = [{ name: 'r', match: { operation: `${vendor.name}.*` }, effect: { error } }]
    const [path, headers] =
      vendor.name === 'juspay'
        ? [WALLET, juspayHeaders()]
        : ['/wallets/3d2e3f3e-3b3c-4907-a4fd-e241203440d7', juicywayHeaders()]
    const [response] = await sent({ name: 's', rules } as Scenario, [path], headers)
    return String(response!.status)
  }
  const expected: string[][] = []
  for (const error of ERROR_NAMES) {
    const row = [`\`${error}\``]
    for (const vendor of VENDORS) row.push(await statusOf(error, vendor))
    expected.push(row)
  }
  expect(tableAfter('effect', '**Errors.**')).toEqual(expected)
})

const SCHEMA = JSON.parse(readFileSync(join(ROOT, 'scenarios/scenario.schema.json'), 'utf8'))
const RULE = SCHEMA.properties.rules.items.properties
const fieldsOf = (schema: { properties: object }) => Object.keys(schema.properties).sort()

test('the tables name every field, effect, fault, state and phase', () => {
  const fields = (rows: string[][]) => rows.flatMap(([cell]) => codes(cell!)).sort()
  expect([...fields(rowsOf('Writing one')), '$schema'].sort()).toEqual(fieldsOf(SCHEMA))
  expect(fields(rowsOf('match'))).toEqual(fieldsOf(RULE.match))
  expect(fields(rowsOf('when'))).toEqual(fieldsOf(RULE.when))
  for (const per of PERS) expect(codes(section(PAGE, 'when'))).toContain(per)
  expect(new Set(names(tableAfter('effect', 'Exactly one of')))).toEqual(
    new Set(RULE.effect.anyOf.map(({ required }: { required: string[] }) => required[0])),
  )
  expect(new Set(names(tableAfter('effect', '**Faults.**')))).toEqual(new Set(FAULTS))
  expect(new Set(names(tableAfter('effect', '**States.**')))).toEqual(new Set(STATE_EFFECTS))
  expect(names(rowsOf('phase'))).toEqual(PHASES)
})

test.each(FAULTS)('%s is in-process what the table says', async (fault) => {
  const [, , inProcess] = tableAfter('effect', '**Faults.**').find(([cell]) => cell === `\`${fault}\``)!
  const effect = { fault, ...(fault === 'dribble' ? { duration: 1 } : {}) }
  await using sandbox = await createSandbox({ scenario: { name: 's', rules: [{ name: 'r', effect }] }, latency: 'off' })
  const signal = AbortSignal.timeout(50)
  const answer = sandbox.fetch(`http://x${WALLET}`, { headers: juspayHeaders(), ...(fault === 'hang' && { signal }) })
  if (inProcess === 'throws') await expect(answer).rejects.toThrow('fetch failed')
  else if (fault === 'hang') await expect(answer).rejects.toMatchObject({ name: 'TimeoutError' })
  else if (fault === 'truncate') await expect(answer.then((response) => response.text())).rejects.toThrow('terminated')
  else expect((await answer).status).toBe(200)
})

test.each(tableAfter('effect', 'Exactly one of').map(([name, example]) => [name!, codes(example!)[0]!]))(
  'the example of %s is a valid effect',
  async (_, example) => {
    const effect = JSON.parse(example)
    await (await createSandbox({ scenario: { name: 's', rules: [{ name: 'r', effect }] } as Scenario })).close()
  },
)

test.each(tableAfter('Latency', 'an earlier pattern over a later one').map(([, example]) => codes(example!)[0]!))(
  'the model %s is valid',
  async (example) => {
    const latency = { 'juspay.getWallet': JSON.parse(example) }
    await (await createSandbox({ scenario: { name: 's', latency } as Scenario })).close()
  },
)
