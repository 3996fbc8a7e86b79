import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { Call } from '../../src/api/call.js'
import type { Sandbox } from '../../src/index.js'
import { juspay } from '../../src/vendors/juspay/index.js'
import {
  type Document,
  document,
  holdCall,
  OPERATIONS,
  type Operation,
  prepared,
  type Request,
  requestsOf,
  resolve,
} from './generator.js'

/** Requests made from the document itself; what the sandbox answers has to be what the document says. */

const RUNS = process.env.SOAK ? 2_000 : 30

/** What an operation at its second path, or of one merchant, is asked beside what it is asked at its first, or of all. */
const RUNS_AGAIN = process.env.SOAK ? 2_000 : 10
const isAgain = ({ id, path }: Operation) => /\.\d$/.test(id) || path.includes('/merchants/{merchant}/')

function runsOf(operation: Operation): number {
  const { parameters = [], requestBody } = operation.described
  // What takes nothing is asked the same each time: once as it was found, and once as that left it.
  if (parameters.length === 0 && !requestBody) return 2
  return isAgain(operation) ? RUNS_AGAIN : RUNS
}

const ajv = new Ajv2020({ strict: false, allErrors: false })
addFormats.default(ajv)
ajv.addSchema(document, 'document')
const validators = new Map<string, ValidateFunction>()

function validatorOf(schema: Document): ValidateFunction {
  const key = JSON.stringify(schema)
  const known = validators.get(key)
  if (known) return known
  const made = ajv.compile(JSON.parse(key.replaceAll('"#/components', '"document#/components')))
  validators.set(key, made)
  return made
}

/** A stream goes on until it is left. */
function isStream({ headers, body }: Response): boolean {
  const goesOn = headers.get('content-type')?.startsWith('text/event-stream') === true
  if (goesOn) void body?.cancel()
  return goesOn
}

/** What the answer has that the document does not say; undefined where all is said. */
async function divergence({ described, method }: Operation, { url, headers, body }: Request, sandbox: Sandbox) {
  const response = await sandbox.fetch(url, {
    method,
    headers,
    redirect: 'manual',
    ...(body !== undefined && { body }),
  })
  const { status } = response
  const documented = resolve(described.responses[status] ?? described.responses.default)
  const text = isStream(response) ? '' : await response.text()
  const shown = `${status} ${text.slice(0, 300)}`
  if (documented === undefined) return { status, fault: `no such status: ${shown}` }
  const type = response.headers.get('content-type')?.split(';')[0]
  if (status === 302 || status === 303) return { status }
  const media = documented.content?.[type ?? '']
  if (media === undefined) return { status, fault: `no such type, ${type}: ${shown}` }
  if (type !== 'application/json') return { status }
  const validate = validatorOf(media.schema)
  if (validate(JSON.parse(text))) return { status }
  return { status, fault: `${ajv.errorsText(validate.errors?.slice(-3))}: ${shown}` }
}

/** By operation: the names of the fields that it asked its request for. */
const read = new Map<string, Set<string>>()
const { field, parameter } = Call.prototype

beforeAll(() => {
  const spy = (original: typeof field | typeof parameter) =>
    function (this: Call, name: string) {
      read.set(this.operationId, (read.get(this.operationId) ?? new Set()).add(name))
      return original.call(this, name)
    }
  vi.spyOn(Call.prototype, 'field').mockImplementation(spy(field) as typeof field)
  vi.spyOn(Call.prototype, 'parameter').mockImplementation(spy(parameter) as typeof parameter)
})
afterAll(() => vi.restoreAllMocks())

describe.each(['juspay', 'juicyway', 'control'])('%s', (tag) => {
  const operations = OPERATIONS.filter(({ described }) => described.tags[0] === tag)

  test.each(operations)('$id answers as the document says', async (operation) => {
    const { sandbox, known } = await prepared()
    const statuses = new Set<number>()
    await fc.assert(
      fc.asyncProperty(requestsOf(operation, known), async (request) => {
        if (operation.path.includes('{hold}')) await holdCall(sandbox)
        const { status, fault } = await divergence(operation, request, sandbox)
        statuses.add(status)
        if (fault) throw new Error(`${operation.method} ${request.url} ${request.body ?? ''}\n${fault}`)
      }),
      { numRuns: runsOf(operation), seed: 1, endOnFailure: true },
    )
    await sandbox.close()
    expect(Math.min(...statuses), 'no request was served').toBeLessThan(400)
  })
})

test("Juspay's operations read the fields that are documented, and no other", () => {
  const everywhere = new Set(['client_auth_token', 'command'])
  const names = (of: Iterable<string> | undefined) => [...(of ?? [])].filter((name) => !everywhere.has(name)).toSorted()
  const documented = juspay.operations.map(({ id, query = [], body = [] }) => [
    id,
    names([...query, ...body].map(({ name }) => name)),
  ])
  const asked = juspay.operations.map(({ id }) => [id, names(read.get(id))])
  expect(Object.fromEntries(asked)).toEqual(Object.fromEntries(documented))
})
