import { expect, test } from 'vitest'
import type { AnswerKey } from '../../scripts/openapi/answer-keys.js'
import { answerSchemas, answersOnDisk, schemaOf } from '../../scripts/openapi/answers.js'
import { every } from '../every.js'

test('answers.schema.json is what the sandbox answers: npm run schemas', async () => {
  expect(answersOnDisk()).toBe(await answerSchemas())
})

const KEYS: Readonly<Record<string, AnswerKey>> = {
  a: 'A',
  'a.a': 'A in a',
  b: { description: 'B', type: 'string', canBeNull: true },
  kind: { description: 'Kind', isSeen: true },
  open: { description: 'Open', additionalProperties: true },
}
const body = (properties: object, required = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
})
const A = { type: 'integer', description: 'A' }
const B = { type: ['string', 'null'], description: 'B' }
const kind = (rest: object) => ({ type: 'string', description: 'Kind', ...rest })

const SEEN: Readonly<Record<string, readonly [bodies: readonly object[], schema: object]>> = {
  'whole numbers': [[{ a: 1 }], body({ a: A })],
  'null beside a value': [[{ a: 1 }, { a: null }], body({ a: { ...A, type: ['integer', 'null'] } })],
  'null alone': [[{ a: null }], body({ a: { ...A, type: 'null' } })],
  'null that the table allows': [[{ b: 'x' }], body({ b: B })],
  'null alone, where the table has a type': [[{ b: null }], body({ b: B })],
  'a key that can be left out': [[{ b: 'x' }, { a: 1, b: 'x' }], body({ a: A, b: B }, ['b'])],
  'keys in two orders': [
    [
      { a: 1, b: 'x' },
      { b: 'x', a: 1 },
    ],
    { anyOf: [body({ a: A, b: B }), body({ b: B, a: A })] },
  ],
  'the longest end of a path': [
    [{ a: { a: 1 } }],
    body({ a: { ...body({ a: { ...A, description: 'A in a' } }), description: 'A' } }),
  ],
  'rows of two forms': [
    [{ a: [{ b: 'x' }, { b: 'x', kind: 'k', open: {} }] }],
    body({
      a: {
        type: 'array',
        description: 'A',
        items: {
          anyOf: [
            body({
              b: B,
              kind: kind({ const: 'k' }),
              open: { type: 'object', description: 'Open', additionalProperties: true, properties: {}, required: [] },
            }),
            body({ b: B }),
          ],
        },
      },
    }),
  ],
  'an empty list': [[{ a: [] }], body({ a: { type: 'array', description: 'A', items: {} } })],
  'one constant': [[{ kind: 'k' }], body({ kind: kind({ const: 'k' }) })],
  'several constants': [[{ kind: 'k' }, { kind: 'l' }], body({ kind: kind({ enum: ['k', 'l'] }) })],
  'a time': [
    [{ a: '2023-09-11T08:30:00Z' }],
    body({ a: { type: 'string', description: 'A', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ$' } }),
  ],
  'times of two forms': [
    [{ a: '2023-09-11T08:30:00Z' }, { a: '2023-09-11T08:30:00+0000' }],
    body({ a: { type: 'string', description: 'A' } }),
  ],
  'an object with keys of the client’s': [
    [{ open: { a: 1, b: 'x', note: 'tea' } }, { open: { a: 2 } }],
    body({
      open: {
        type: 'object',
        description: 'Open',
        additionalProperties: true,
        properties: { a: A, b: B },
        required: ['a'],
      },
    }),
  ],
}

test('a schema says what is seen, and what the table adds', () =>
  every(Object.entries(SEEN), ([_, [bodies, schema]]) => {
    expect(schemaOf(bodies, ['getThing'], KEYS)).toEqual(schema)
  }))

test('a key without a description, or of two types, is named', () => {
  const of = (...bodies: readonly object[]) => schemaOf(bodies, ['getThing'], KEYS)
  expect(() => of({ a: { c: 1 } })).toThrow('scripts/openapi/answer-keys.ts has nothing for getThing.a.c')
  expect(() => of({ a: 1 }, { a: 'x' })).toThrow(
    'scripts/openapi/answer-keys.ts has no type for getThing.a, which is integer and string',
  )
})
