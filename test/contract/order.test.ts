import { describe, expect, test } from 'vitest'
import { createSandbox } from '../../src/index.js'
import { every } from '../every.js'
import { basic } from './targets.js'

/** What comes before what, and what every answer carries. */

const JSON_TYPE = { 'content-type': 'application/json' }

describe('who sends a body is asked before the body is read', () => {
  const bodies: [string, string][] = [
    ['no JSON', '{bad'],
    ['a JSON list', '[1]'],
    ['more than a megabyte', `{"x":"${'x'.repeat(1_100_000)}"}`],
  ]
  const callers: [string, string, Record<string, string>, number][] = [
    ['nobody', '/customers', {}, 401],
    ['an unknown key', '/customers', { authorization: basic('no_such_key:') }, 401],
    ['nobody, where a field chooses the operation', '/wallets/wlt_q23xzki3pazgtezo', {}, 401],
    ['an unknown key of the other vendor', '/wallets/transactions', { authorization: 'Bearer nope' }, 401],
    ['a key without permission', '/wallets/transactions', { authorization: 'Bearer test_acme_forbidden' }, 403],
  ]
  const pairs = bodies.flatMap(([body, text]) => callers.map((caller) => ({ body, text, caller })))

  test('a caller who is refused is refused for that, whatever the body', async () => {
    await using sandbox = await createSandbox({ latency: 'off' })
    await every(pairs, async ({ text, caller: [_, path, headers, status] }) => {
      const response = await sandbox.fetch(`http://x${path}`, {
        method: 'POST',
        headers: { ...JSON_TYPE, ...headers },
        body: text,
      })
      expect(response.status).toBe(status)
    })
  })

  test('a body that cannot be read is refused when a known caller sends it', async () => {
    await using sandbox = await createSandbox({ latency: 'off' })
    const headers = { ...JSON_TYPE, authorization: basic('acme_test_key:') }
    await every(bodies, async ([_, text]) => {
      const { status } = await sandbox.fetch('http://x/customers', { method: 'POST', headers, body: text })
      expect([400, 413]).toContain(status)
    })
  })

  test('a rule that refuses every key goes before a body that cannot be read', async () => {
    await using sandbox = await createSandbox({ scenario: 'unauthorized' })
    const headers = { ...JSON_TYPE, authorization: basic('acme_test_key:') }
    expect((await sandbox.fetch('http://x/customers', { method: 'POST', headers, body: '{bad' })).status).toBe(401)
  })
})

test('the Date of an answer is the sandbox clock’s, in-process and over a socket', async () => {
  await using sandbox = await createSandbox({ latency: 'off', clock: '2023-09-11T08:30:00Z' })
  const url = await sandbox.listen()
  const headers = { authorization: basic('acme_test_key:') }
  for (const answer of [
    await sandbox.fetch(`${url}/wallets/wlt_q23xzki3pazgtezo`, { headers }),
    await fetch(`${url}/wallets/wlt_q23xzki3pazgtezo`, { headers }),
  ])
    expect(answer.headers.get('date')).toBe('Mon, 11 Sep 2023 08:30:00 GMT')
})

describe('List with a version', () => {
  const list = async (version: string) => {
    await using sandbox = await createSandbox({ latency: 'off' })
    const headers = { authorization: basic('acme_test_key:'), version }
    const response = await sandbox.fetch('http://x/customers/customer@gmail.com/wallets', { headers })
    return ((await response.json()) as { list: Record<string, unknown>[] }).list[0]!
  }

  test('from 2019-09-17 gives a linked row metadata, whatever its provider tells', () =>
    every(['2019-09-17', '2026-01-01'], async (version) => {
      expect(Object.keys(await list(version))).toContain('gateway_reference_id')
    }))

  test('before that, or that is not a date, does not', () =>
    every(['2016-10-27', 'abc', '2019-99-99', '2020-02-31x'], async (version) => {
      expect(Object.keys(await list(version))).not.toContain('gateway_reference_id')
    }))
})

test('a token that a fixture names pays, though nobody was shown it yet', async () => {
  await using sandbox = await createSandbox({ latency: 'off' })
  const post = async (path: string, fields: Record<string, string>) => {
    const headers = { authorization: basic('sandbox_pinned:') }
    const response = await sandbox.fetch(`http://x${path}`, {
      method: 'POST',
      headers,
      body: new URLSearchParams(fields),
    })
    return (await response.json()) as { status: string }
  }
  await post('/orders', { order_id: 'o1', amount: '10', customer_id: 'guest_user' })
  const debit = {
    order_id: 'o1',
    payment_method_type: 'WALLET',
    payment_method: 'MOBIKWIK',
    direct_wallet_token: 'tk_bkc87beikjcnlblc87asa897sb8anisjkl8b',
  }
  expect((await post('/txns', debit)).status).toBe('CHARGED')
  expect((await post('/txns', debit)).status).not.toBe('CHARGED')
})
