import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Histogram } from '../../src/journal/latencies.js'
import { ask, control, sandboxFor, WALLET } from './helpers.js'

describe('Histogram', () => {
  test('percentiles within half a percent, for delays of every size, however they are merged', () => {
    const delays = fc.array(fc.double({ min: 0.01, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 })
    fc.assert(
      fc.property(delays, fc.nat(200), fc.constantFrom(50, 90, 99, 99.9), (values, cut, percentage) => {
        const [one, other] = [new Histogram(), new Histogram()]
        for (const [i, value] of values.entries()) (i < cut ? one : other).add(value)
        one.merge(other)
        const exact = values.sort((a, b) => a - b)[Math.ceil((percentage / 100) * values.length) - 1]!
        const found = one.percentiles([percentage])![percentage]!
        expect(one.count).toBe(values.length)
        expect(Math.abs(found - exact)).toBeLessThanOrEqual(exact * 0.005 + 0.001)
      }),
    )
  })

  test('the edges: none, nothing, one value, and more than anybody waits', () => {
    const histogram = new Histogram()
    expect(histogram.percentiles([50])).toBeNull()
    histogram.add(0)
    expect(histogram.percentiles([50, 99])).toEqual({ 50: 0, 99: 0 })
    for (let i = 0; i < 99; i++) histogram.add(1e12)
    expect(histogram.percentiles([1])![1]).toBeLessThanOrEqual(0.001)
    expect(histogram.percentiles([99])![99]).toBeGreaterThan(1.4e7)
  })
})

test('latency is set for one merchant, for all, and for those that come', async () => {
  const sandbox = await sandboxFor({ scenario: 'published-latency', latency: 'virtual' })
  const drawn = async (key: string) => (await ask(sandbox, WALLET, key)).headers.has('x-sandbox-latency-ms')
  const put = (at: string, mode: unknown) => control(sandbox, 'PUT', `${at}/latency`, { mode })
  expect((await put('/merchants/sandbox_a', 'off')).body.mode).toBe('off')
  expect([await drawn('sandbox_a'), await drawn('acme_test_key'), await drawn('sandbox_b')]).toEqual([
    false,
    true,
    true,
  ])
  await put('', 'off')
  expect([await drawn('acme_test_key'), await drawn('sandbox_c')]).toEqual([false, false])
  await sandbox.control.merchant('acme').reset({ only: ['scenario'] })
  expect(await drawn('acme_test_key')).toBe(true)
  await sandbox.control.merchants.create({ id: 'shop', latency: 0.5 })
  expect((await sandbox.control.merchant('shop').latency()).mode).toBe(0.5)
  for (const mode of ['fast', -1, undefined])
    expect((await put('', mode)).body.error.message).toMatch(
      /^latency:mode: .*"real", "off", "virtual", "clock", or a factor from 0/,
    )
})

test('what was drawn is what is published, call by call and merchant by merchant', async () => {
  const sandbox = await sandboxFor({ scenario: 'published-latency', latency: 'virtual' })
  for (let i = 0; i < 1000; i++) await ask(sandbox, WALLET, i % 2 ? 'acme_test_key' : 'sandbox_a')
  const report = async (at: string) =>
    (await control(sandbox, 'GET', `${at}/latency`)).body.operations['juspay.getWallet']
  const all = await report('')
  expect(all.calls).toBe(1000)
  expect((await report('/merchants/sandbox_a')).calls).toBe(500)
  expect((await report('/merchants/globex')).intended).toBeNull()
  for (const percentage of ['50', '90'])
    expect(Math.abs(all.intended[percentage] / all.published[percentage] - 1)).toBeLessThan(0.03)
  expect(Object.keys(all.measured)).toEqual(['50', '90', '99', '99.9', '99.99'])
})

test.each([
  [{ fixed: 25 }, 'configured', { '50': 25, '99.99': 25 }, 25],
  [{ uniform: { min: 0, max: 100 } }, 'configured', { '50': 50, '90': 90 }, undefined],
  [{ percentiles: { '50': 10, '95': 20 }, synthetic: true }, 'synthetic', { '50': 10, '95': 20 }, undefined],
])('what %j configures', async (model, source, percentiles, drawn) => {
  const sandbox = await sandboxFor({ latency: 'virtual' })
  await control(sandbox, 'PUT', '/scenario', { name: 's', latency: { 'juspay.getWallet': model } })
  await ask(sandbox, WALLET)
  const { operations } = await sandbox.control.latency()
  expect(operations['juspay.getWallet']!.configured).toMatchObject({ source, percentiles })
  if (drawn !== undefined)
    expect(operations['juspay.getWallet']!.intended).toMatchObject({ '50': drawn, '99.99': drawn })
  expect(operations['juspay.listWallets']).toMatchObject({ calls: 0, configured: null, intended: null, measured: null })
  // Setting a scenario starts anew.
  await sandbox.control.scenario.put('instant')
  expect((await sandbox.control.latency()).operations['juspay.getWallet']).toMatchObject({ calls: 0, configured: null })
})
