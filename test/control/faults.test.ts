import { expect, test } from 'vitest'
import { createSandbox, type InputError } from '../../src/index.js'
import { expectProportion } from '../cpu.js'
import { every } from '../every.js'

const zeros = (count: number) => Array<number>(count).fill(0)
const fields = (count: number, value: unknown) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, value]))
const rule = (over: object) => ({ name: 'r', effect: { delay: { fixed: 1 } }, ...over })
const order = { id: 'o', reference: 'r', amount: 1, createdAt: '2023-09-11T08:30:00Z' }
const merchant = (over: object) => ({ merchants: [{ id: 'm', ...over }] })

/** What is at fault in as many places as four parts of a body have room for. */
const CASES: [name: string, door: 'state' | 'scenario' | 'count', input: (parts: number) => object][] = [
  ['merchants', 'state', (parts) => ({ merchants: zeros(10_000 * parts) })],
  ['customers', 'state', (parts) => merchant({ customers: zeros(10_000 * parts) })],
  ['orders', 'state', (parts) => merchant({ customers: [{ id: 'c', orders: zeros(10_000 * parts) }] })],
  [
    'texts',
    'state',
    (parts) => merchant({ customers: [{ id: 'c', orders: [{ ...order, udf: fields(2_500 * parts, 0) }] }] }),
  ],
  ['an id twice', 'state', (parts) => merchant({ customers: Array(2_500 * parts).fill({ id: 'c' }) })],
  [
    'another merchant’s key',
    'state',
    (parts) => merchant({ juspayApiKeys: Array(2_500 * parts).fill({ key: 'globex_test_key' }) }),
  ],
  ['rules', 'scenario', (parts) => ({ name: 's', rules: zeros(500 * parts) })],
  [
    'operations',
    'scenario',
    (parts) => ({ name: 's', rules: Array(500 * parts).fill(rule({ match: { operation: 'x' } })) }),
  ],
  ['latency', 'scenario', (parts) => ({ name: 's', latency: fields(2_500 * parts, { fixed: 1 }) })],
  ['numbers', 'scenario', (parts) => ({ name: 's', rules: [rule({ when: { nth: zeros(10_000 * parts) } })] })],
  ['patterns', 'count', (parts) => ({ body: fields(2_500 * parts, 0) })],
]

test('what has a fault in each of its parts is refused for the first twenty', async () => {
  await using sandbox = await createSandbox()
  const { control } = sandbox
  const doors = { state: control.state.put, scenario: control.scenario.put, count: control.requests.count }
  await every(CASES, ([, door, input]) => {
    const given = { 1: input(1), 4: input(4) }
    return expectProportion(async (parts) => {
      const { lines }: InputError = await doors[door](given[parts] as never).catch((error) => error)
      expect(lines).toHaveLength(21)
      expect(lines.at(-1)).toMatch(/^\w+: and more$/)
    })
  })
}, 60_000)

test('of unknown fields twenty are named', async () => {
  await using sandbox = await createSandbox()
  const error: InputError = await sandbox.control.state.put(merchant(fields(50_000, 0)) as never).catch((it) => it)
  expect(error.message.match(/unknown field/g)).toHaveLength(20)
})
