import { createConfig, lintFromString } from '@redocly/openapi-core'
import { describe, expect, test } from 'vitest'
import { openApiDocuments } from '../../scripts/openapi/document.js'
import { coverage } from '../../src/api/coverage.js'
import { VENDORS } from '../../src/vendors/index.js'
import { control, sandboxFor } from '../control/helpers.js'

// biome-ignore lint/suspicious/noExplicitAny: a document is looked into by name
type Document = any

const documents: Record<string, Document> = await openApiDocuments()
const whole = documents['openapi.json']
const operationsOf = (document: Document): Document[] =>
  Object.values(document.paths).flatMap((path) => Object.values(path as object))

test.each(Object.keys(documents))('%s is valid by a linter that warns of nothing', async (name) => {
  // The vendor's own paths are ambiguous: /wallets/transactions/{transaction} beside /wallets/{wallet}/status.
  // What the control API refuses is its default: orval writes 4XX into code that does not compile.
  const rules = { 'no-ambiguous-paths': 'off', 'operation-4xx-response': 'off' } as const
  const config = await createConfig({ extends: ['recommended'], rules })
  const problems = await lintFromString({ source: JSON.stringify(documents[name]), config })
  expect(problems.map(({ message, location }) => `${location[0]?.pointer}: ${message}`)).toEqual([])
})

/** Whether a path of one merchant is there for all of them too. */
const isAlsoOfAll = (path: string) =>
  path.includes('/{merchant}/') && whole.paths[path.replace('/merchants/{merchant}', '')] !== undefined

/** Keys that are named beside others of another type, of which typed clients make an interface that does not compile. */
function unfitKeys(value: Document, at = ''): string[] {
  if (typeof value !== 'object' || value === null) return []
  const { properties = {}, additionalProperties: others } = value
  const isTyped = typeof others === 'object' && Object.keys(others).length > 0
  const named = isTyped ? Object.entries(properties) : []
  return [
    ...named.flatMap(([name, schema]) => (JSON.stringify(schema) === JSON.stringify(others) ? [] : [`${at}.${name}`])),
    ...Object.entries(value).flatMap(([name, inner]) => unfitKeys(inner, `${at}/${name}`)),
  ]
}

test('a key that is named fits the type of the keys beside it', () => {
  const unfit = { list: { properties: { links: { type: 'object' } }, additionalProperties: { type: 'string' } } }
  expect(unfitKeys(unfit)).toEqual(['/list.links'])
  expect(unfitKeys(documents)).toEqual([])
})

test('every parameter has an example, but for what only an answer has, and every body has one with each required field', () => {
  const ofAnAnswer = ['after', 'before', 'client_auth_token']
  for (const { operationId, parameters = [], requestBody } of operationsOf(whole)) {
    const without = parameters.filter(({ example }: Document) => example === undefined)
    expect(ofAnAnswer, operationId).toEqual(expect.arrayContaining(without.map(({ name }: Document) => name)))
    for (const { schema, example } of Object.values(requestBody?.content ?? {}) as Document[]) {
      const first = schema.oneOf?.[0] ?? schema
      const { required = [] } = first
      expect(Object.keys(example ?? first.example), operationId).toEqual(expect.arrayContaining(required))
    }
  }
})

describe('the document of everything', () => {
  test('has every operation of the vendors, with evidence and the published latency', () => {
    const known = operationsOf(whole).flatMap((operation) => operation['x-operations'] ?? [])
    expect(new Set(known)).toEqual(new Set(VENDORS.flatMap(({ operations }) => operations.map(({ id }) => id))))
    for (const { operations } of VENDORS)
      for (const { id, latency, evidence } of operations) {
        const documented = operationsOf(whole).find(({ operationId }) => operationId === id)
        if (documented === undefined) continue
        expect(documented['x-latency']).toEqual(latency)
        expect(documented['x-evidence']).toEqual(evidence)
      }
  })

  test('has every error of every operation, with its evidence and a body', () => {
    const missing = coverage(VENDORS).filter(({ operation, ending, evidence }) => {
      if (ending === 'success') return false
      const documented = operationsOf(whole).find((one) => one['x-operations']?.includes(operation))
      const responses = Object.values(documented.responses).map(
        ({ $ref }: Document) => whole.components.responses[$ref.split('/').at(-1)],
      )
      const isLead = documented['x-operations'][0] === operation
      const name = isLead ? ending : `${operation}.${ending}`
      return !responses.some(
        (response) =>
          response['x-evidence'][name]?.source === evidence.source &&
          response.content['application/json'].examples[name].value !== undefined,
      )
    })
    expect(missing).toEqual([])
  })

  test('has every path of the control API, and every method', async () => {
    const sandbox = await sandboxFor()
    const { body } = await control(sandbox, 'GET', '/nowhere')
    const [, listed] = /one merchant: (.*)\.$/.exec(body.error.message)!
    const paths = listed!.split(', ')
    const documented = Object.keys(whole.paths)
      .filter((path) => path.startsWith('/_sandbox/') && !isAlsoOfAll(path))
      .map((path) => path.slice('/_sandbox'.length))
    expect(documented.toSorted()).toEqual(paths.toSorted())
    for (const path of paths) {
      const refused = await sandbox.fetch(`http://x/_sandbox${path.replaceAll(/\{\w+\}/g, 'x')}`, { method: 'PATCH' })
      const methods = Object.keys(whole.paths[`/_sandbox${path}`]).map((method) => method.toUpperCase())
      const allowed = refused.headers.get('allow')!.split(', ')
      expect(methods.toSorted(), path).toEqual(allowed.filter((method) => method !== 'HEAD').toSorted())
    }
  })

  test('is served', async () => {
    const sandbox = await sandboxFor()
    const { status, body } = await control(sandbox, 'GET', '/openapi.json')
    expect(status).toBe(200)
    expect(body).toEqual(JSON.parse(JSON.stringify(whole)))
  })
})

test('an operation has a summary of one sentence, and each field a description', () => {
  for (const { summary, query = [], body = [] } of VENDORS.flatMap(({ operations }) => operations)) {
    expect(summary).toMatch(/^[A-Z].*\.$/)
    for (const { description } of [...query, ...body]) expect(description).toMatch(/^[A-Z].*[^.]$/)
  }
})
