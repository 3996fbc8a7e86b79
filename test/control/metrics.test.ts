import { expect, test } from 'vitest'
import { Metrics } from '../../src/journal/metrics.js'
import { order, pay } from '../webhooks/pay.js'
import { receiver, shop } from '../webhooks/support.js'
import { ask, REFRESH, sandboxFor, WALLET } from './helpers.js'

/** The samples of a text in the format of Prometheus, by name and labels. @throws on a line of another form */
function samples(text: string): Map<string, number> {
  const lines = text.split('\n')
  expect(lines.pop()).toBe('')
  const found = new Map<string, number>()
  for (const line of lines) {
    if (/^# (HELP|TYPE) [a-z_]+ \S/.test(line)) continue
    const [, series, value] = /^([a-z_]+\{(?:[a-z]+="(?:[^"\\\n]|\\[\\"n])*",?)*\}) (\S+)$/.exec(line)!
    found.set(series!, Number(value))
  }
  return found
}

test('counts calls by operation, status and rule, which no reset takes back', async () => {
  const rules = [
    {
      name: 'a "b" \\',
      match: { operation: 'juspay.*' },
      when: { nth: 2 },
      effect: { error: 'provider_timeout' },
    } as const,
  ]
  const sandbox = await sandboxFor({ scenario: { name: 's', rules } })
  for (let n = 0; n < 3; n++) await ask(sandbox, REFRESH)
  await ask(sandbox, WALLET, 'sandbox_m')
  await ask(sandbox, WALLET, 'unknown')
  await ask(sandbox, '/nowhere')
  const before = samples(sandbox.control.metrics())
  const calls = [...before].filter(([series]) => series.startsWith('wallet_sandbox_calls_total'))
  expect(Object.fromEntries(calls)).toEqual({
    'wallet_sandbox_calls_total{operation="juspay.refreshAllWallets",status="200",rule=""}': 2,
    'wallet_sandbox_calls_total{operation="juspay.refreshAllWallets",status="504",rule="a \\"b\\" \\\\"}': 1,
    'wallet_sandbox_calls_total{operation="juspay.getWallet",status="200",rule=""}': 1,
    'wallet_sandbox_calls_total{operation="juspay.getWallet",status="401",rule=""}': 1,
    'wallet_sandbox_calls_total{operation="",status="404",rule=""}': 1,
  })
  await sandbox.control.reset()
  expect(samples(sandbox.control.metrics())).toEqual(before)
})

test('a call that got no answer has the status none', async () => {
  const rules = [{ name: 'r', effect: { fault: 'reset' } } as const]
  const sandbox = await sandboxFor({ scenario: { name: 's', rules } })
  await expect(ask(sandbox, WALLET)).rejects.toThrow()
  expect(sandbox.control.metrics()).toContain('{operation="juspay.getWallet",status="none",rule="r"} 1\n')
})

test('durations fall into buckets that only grow', async () => {
  const sandbox = await sandboxFor({ scenario: { name: 's', latency: { '*': { fixed: 30 } } } })
  for (let n = 0; n < 4; n++) await ask(sandbox, WALLET)
  const found = samples(sandbox.control.metrics())
  const bucket = (le: string) =>
    found.get(`wallet_sandbox_call_duration_seconds_bucket{operation="juspay.getWallet",le="${le}"}`)
  expect(bucket('0.025')).toBe(0)
  expect(bucket('60')).toBe(4)
  expect(bucket('+Inf')).toBe(4)
  expect(found.get('wallet_sandbox_call_duration_seconds_count{operation="juspay.getWallet"}')).toBe(4)
  expect(found.get('wallet_sandbox_call_duration_seconds_sum{operation="juspay.getWallet"}')).toBeGreaterThan(0.115)
})

test('the number of series is bounded, however many rules there were', () => {
  const metrics = new Metrics()
  for (let n = 0; n < 2_050; n++) metrics.addCall('juspay.getWallet', 500, `rule ${n}`, 1)
  const calls = [...samples(metrics.toText())].filter(([series]) => series.includes('calls_total'))
  expect(calls).toHaveLength(2_001)
  expect(calls.reduce((sum, [, value]) => sum + value, 0)).toBe(2_050)
})

test('deliveries are counted by event and status', async () => {
  const hooks = await receiver((_, response) => {
    response.statusCode = hooks.received.length === 1 ? 500 : 200
    response.end()
  })
  const client = await shop(hooks.url)
  await order(client)
  await pay(client)
  await expect.poll(() => hooks.received.length).toBe(3)
  await client.sandbox.control.clock.advance('5m')
  const deliveries = [...samples(client.sandbox.control.metrics())].filter(([name]) => name.includes('deliveries'))
  expect(Object.fromEntries(deliveries)).toEqual({
    'wallet_sandbox_deliveries_total{event="TXN_CREATED",status="500"}': 1,
    'wallet_sandbox_deliveries_total{event="TXN_CREATED",status="200"}': 1,
    'wallet_sandbox_deliveries_total{event="TXN_CHARGED",status="200"}': 1,
    'wallet_sandbox_deliveries_total{event="ORDER_SUCCEEDED",status="200"}': 1,
  })
})

test('is served as text', async () => {
  const sandbox = await sandboxFor()
  await ask(sandbox, WALLET)
  const response = await sandbox.fetch('http://sandbox/_sandbox/metrics')
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(await response.text()).toBe(sandbox.control.metrics())
})
