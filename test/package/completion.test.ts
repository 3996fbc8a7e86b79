import { describe, expect, expectTypeOf, test } from 'vitest'
import { getLanguageService, type JSONSchema, TextDocument } from 'vscode-json-languageservice'
import { DESCRIPTIONS } from '../../scripts/descriptions.js'
import { schemaOnDisk } from '../../scripts/schemas.js'
import type { FixtureWallet } from '../../src/fixture-files/schema.js'
import type { Scenario } from '../../src/index.js'
import { ERROR_NAMES } from '../../src/lib/errors.js'
import { OPERATION_IDS } from '../../src/scenarios/operation-ids.js'
import { VENDORS } from '../../src/vendors/index.js'
import { EVENT_NAMES } from '../../src/vendors/juspay/wire/events.js'
import { GATEWAYS } from '../../src/wallets/gateways.js'
import { every } from '../every.js'

/** What an editor makes of the JSON Schemas: VS Code's own service. */

const SCENARIO = 'scenarios/scenario.schema.json'
const FIXTURES = 'fixtures/fixtures.schema.json'
const OPERATIONS = VENDORS.flatMap(({ operations }) => operations.map(({ id }) => id))

const service = getLanguageService({})
const open = (file: string, text: string) => {
  const document = TextDocument.create('file:///edited.json', 'json', 1, text)
  return { document, json: service.parseJSONDocument(document), schema: JSON.parse(schemaOnDisk(file)) as JSONSchema }
}

/** What is offered at the bar in a text. */
async function offered(file: string, text: string): Promise<string[]> {
  const { schema } = open(file, '{}')
  service.configure({ schemas: [{ uri: 'schema://it', fileMatch: ['*'], schema }] })
  const { document, json } = open(file, text.replace('|', ''))
  const { items = [] } = (await service.doComplete(document, document.positionAt(text.indexOf('|')), json)) ?? {}
  return items.map(({ label }) => label.replaceAll('"', ''))
}

async function marked(file: string, value: unknown): Promise<string[]> {
  const text = JSON.stringify(value)
  const { document, json, schema } = open(file, text)
  const found = await service.doValidation(document, json, {}, schema)
  return found.map(({ range }) => text.slice(document.offsetAt(range.start), document.offsetAt(range.end)))
}

const rule = (fields: object) => ({ name: 's', rules: [{ name: 'r', effect: { fault: 'reset' }, ...fields }] })
const wallet = (name: string) => ({
  merchants: [{ id: 'm', customers: [{ id: 'c', wallets: [{ id: 'w', wallet: name }] }] }],
})

test('the types know the same names, and take patterns', () => {
  expect(OPERATION_IDS).toEqual(OPERATIONS)
  type Match = NonNullable<NonNullable<Scenario['rules']>[number]['match']>
  // A union that lost its names to string would not tell them apart.
  expectTypeOf<Extract<Match['operation'], 'juspay.getWallet'>>().toEqualTypeOf<'juspay.getWallet'>()
  expectTypeOf<Extract<FixtureWallet['wallet'], 'PAYTM'>>().toEqualTypeOf<'PAYTM'>()
  expectTypeOf<'juspay.*'>().toExtend<NonNullable<Match['operation']>>()
})

test('the names there are are offered at the cursor', () => {
  const at = (fields: string) => `{"name": "s", "rules": [{"name": "r", ${fields}}]}`
  const OFFERS: readonly (readonly [string, string, readonly string[]])[] = [
    [SCENARIO, at('"match": {"operation": |}'), OPERATIONS],
    [SCENARIO, at('"match": {"operation": "jus|"}'), OPERATIONS],
    [SCENARIO, at('"match": {"event": |}'), EVENT_NAMES],
    [SCENARIO, at('"effect": {"error": |}'), ERROR_NAMES],
    [SCENARIO, '{"name": "s", "latency": {"|"}}', OPERATIONS],
    [FIXTURES, JSON.stringify(wallet('|')), GATEWAYS],
    [FIXTURES, '{"merchants": [{"id": "m", "postRedirects": [|]}]}', GATEWAYS],
  ]
  return every(OFFERS, async ([file, text, names]) =>
    expect(await offered(file, text)).toEqual(expect.arrayContaining([...names])),
  )
})

test('wrong names are marked, patterns are not', () => {
  const MARKS: readonly (readonly [string, unknown, readonly string[]])[] = [
    [SCENARIO, rule({ match: { operation: 'juspay.getWalet' } }), ['"juspay.getWalet"']],
    [SCENARIO, rule({ match: { operation: 'juspay.getWallet', event: 'ORDER_DONE' } }), ['"ORDER_DONE"']],
    [SCENARIO, rule({ match: { operation: 'juspay.*', event: 'ORDER_*' } }), []],
    [SCENARIO, rule({ match: { operation: '*.get?allet' } }), []],
    [SCENARIO, rule({ effect: { error: 'server_eror' } }), ['"server_eror"']],
    [SCENARIO, { name: 's', latency: { 'juspay.*': 'published', 'juspay.getWallet': { fixed: 5 } } }, []],
    [SCENARIO, { name: 's', latency: { 'juspay.getWalet': 'published' } }, ['"juspay.getWalet"']],
    [FIXTURES, wallet('paytm'), ['"paytm"']],
    [FIXTURES, wallet('NEW_WALLET'), []],
  ]
  return every(MARKS, async ([file, value, parts]) => expect(await marked(file, value)).toEqual(parts))
})

describe.each([SCENARIO, FIXTURES])('%s', (file) => {
  type Node = { description?: string; properties?: Record<string, Node> }
  const fields: [string, Node][] = []
  const collect = (schema: unknown): void => {
    if (typeof schema !== 'object' || schema === null) return
    fields.push(...Object.entries((schema as Node).properties ?? {}))
    for (const inner of Object.values(schema)) collect(inner)
  }
  collect(JSON.parse(schemaOnDisk(file)))

  test('every field has a description', () => {
    const refers = (node: object) => '$ref' in node
    expect(fields.filter(([, node]) => !node.description && !refers(node)).map(([name]) => name)).toEqual([])
    expect(fields.length).toBeGreaterThan(50)
  })
})

test('a hover shows the description, also of a field that is known by more of its path', async () => {
  const HOVERS: readonly (readonly [string, string, string])[] = [
    [SCENARIO, '{"name": "s", "rules": [{"name": "r", "when": {"|for": 5}}]}', DESCRIPTIONS.for!],
    [SCENARIO, '{"name": "s", "latency": {"|juspay.getWallet": "published"}}', 'How slow the operation is.'],
    [FIXTURES, '{"merchants": [{"|id": "m"}]}', DESCRIPTIONS['merchants.id']!],
    [FIXTURES, '{"merchants": [{"id": "m", "customers": [{"|id": "c"}]}]}', DESCRIPTIONS.id!],
  ]
  await every(HOVERS, async ([file, text, sentence]) => {
    const { schema } = open(file, '{}')
    service.configure({ schemas: [{ uri: 'schema://it', fileMatch: ['*'], schema }] })
    const { document, json } = open(file, text.replace('|', ''))
    const hover = await service.doHover(document, document.positionAt(text.indexOf('|') + 1), json)
    // Markdown: punctuation is escaped.
    expect([hover?.contents].flat().map((text) => String(text).replaceAll('\\', ''))).toEqual([sentence])
  })
})
