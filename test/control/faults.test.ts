import { expect, test } from 'vitest'
import { createSandbox, type InputError } from '../../src/index.js'
import { cpuMs } from '../cpu.js'
import { every } from '../every.js'

const zeros = (count: number) => Array<number>(count).fill(0)
const fields = (count: number, value: unknown) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, value]))
const rule = (over: object) => ({ name: 'r', effect: { delay: { fixed: 1 } }, ...over })
const order = { id: 'o', reference: 'r', amount: 1, createdAt: '2023-09-11T08:30:00Z' }
const merchant = (over: object) => ({ merchants: [{ id: 'm', ...over }] })

/** What is at fault in as many places as a body has room for. */
const CASES: [name: string, door: 'state' | 'scenario' | 'count', input: () => object][] = [
  ['merchants', 'state', () => ({ merchants: zeros(200_000) })],
  ['customers', 'state', () => merchant({ customers: zeros(200_000) })],
  ['orders', 'state', () => merchant({ customers: [{ id: 'c', orders: zeros(200_000) }] })],
  ['texts', 'state', () => merchant({ customers: [{ id: 'c', orders: [{ ...order, udf: fields(50_000, 0) }] }] })],
  ['an id twice', 'state', () => merchant({ customers: Array(50_000).fill({ id: 'c' }) })],
  [
    'another merchant’s key',
    'state',
    () => merchant({ juspayApiKeys: Array(50_000).fill({ key: 'globex_test_key' }) }),
  ],
  ['rules', 'scenario', () => ({ name: 's', rules: zeros(10_000) })],
  ['operations', 'scenario', () => ({ name: 's', rules: Array(10_000).fill(rule({ match: { operation: 'x' } })) })],
  ['latency', 'scenario', () => ({ name: 's', latency: fields(50_000, { fixed: 1 }) })],
  ['numbers', 'scenario', () => ({ name: 's', rules: [rule({ when: { nth: zeros(200_000) } })] })],
  ['patterns', 'count', () => ({ body: fields(50_000, 0) })],
]

test('what has a fault in each of its parts is refused for the first twenty', async () => {
  await using sandbox = await createSandbox()
  const { control } = sandbox
  const doors = { state: control.state.put, scenario: control.scenario.put, count: control.requests.count }
  await every(CASES, async ([, door, input]) => {
    const given = input()
    let error: unknown
    const cpu = await cpuMs(async () => {
      error = await doors[door](given as never).catch((thrown: unknown) => thrown)
    })
    const { lines } = error as InputError
    expect(lines).toHaveLength(21)
    expect(lines.at(-1)).toMatch(/^\w+: and more$/)
    expect(cpu).toBeLessThan(1000)
  })
}, 60_000)

test('of unknown fields twenty are named', async () => {
  await using sandbox = await createSandbox()
  const error: InputError = await sandbox.control.state.put(merchant(fields(50_000, 0)) as never).catch((it) => it)
  expect(error.message.match(/unknown field/g)).toHaveLength(20)
})
