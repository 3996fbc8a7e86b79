import { expect, test } from 'vitest'
import { every } from '../every.js'
import { AUTHORIZED, ask, basic, type Rule, sandboxWith, scenarioOf, WALLET } from './support.js'

/** A scenario answers paths that no operation has. */

const REFUNDS: Partial<Rule> = {
  match: { path: '/v2/refunds/*', method: 'POST', body: { amount: '1*' } },
  effect: { response: { status: 201, body: { id: 'rfd_1' } } },
}

const PING: Partial<Rule> = {
  match: { path: '/ping' },
  effect: { response: { status: 200, body: 'pong' } },
  phase: 'before-auth',
}

const post = (body: string, headers: Record<string, string> = AUTHORIZED.juspay) => ({
  method: 'POST',
  headers,
  body: new URLSearchParams(body),
})

test('a response answers where no operation does, in the vendor’s headers and after its authentication', async () => {
  await using sandbox = await sandboxWith(scenarioOf(REFUNDS, PING))
  const CALLS: readonly (readonly [string, RequestInit, number, string | null])[] = [
    ['/v2/refunds/ord_1', post('amount=10'), 201, 'rule 0'],
    ['/juspay/v2/refunds/ord_1', post('amount=10'), 201, 'rule 0'],
    ['/v2/refunds/ord_1', post('amount=10', AUTHORIZED.juicyway), 201, 'rule 0'],
    ['/v2/refunds/ord_1', post('amount=10', basic('no_such_key')), 401, null],
    ['/v2/refunds/ord_1', post('amount=20'), 404, null],
    ['/v2/refunds/ord_1', { headers: AUTHORIZED.juspay }, 404, null],
    ['/v2/refund', post('amount=10'), 404, null],
    ['/ping', { headers: {} }, 200, 'rule 1'],
    [WALLET, { headers: AUTHORIZED.juspay }, 200, null],
    [WALLET, { headers: AUTHORIZED.juspay, method: 'DELETE' }, 405, null],
  ]
  await every(CALLS, async ([path, init, status, rule]) => {
    const response = await ask(sandbox, path, init)
    expect([response.status, response.headers.get('x-sandbox-rule')]).toEqual([status, rule])
    expect(response.headers.has('x-sandbox-fidelity')).toBe(rule === null)
  })
  const answered = await ask(sandbox, '/v2/refunds/ord_2', post('amount=11'))
  expect(await answered.json()).toEqual({ id: 'rfd_1' })
  expect(answered.headers.get('x-jp-merchant-id')).toBe('acme')
  const { requests } = await sandbox.control.merchant('acme').requests.get({ limit: 1 })
  expect(requests).toMatchObject([
    {
      operation: null,
      rule: 'rule 0',
      request: { path: '/v2/refunds/ord_2', body: 'amount=11' },
      response: { status: 201 },
    },
  ])
})

test('a path can also break, be slow, and be counted', async () => {
  await using sandbox = await sandboxWith(
    scenarioOf(
      { match: { path: '/v2/broken' }, effect: { fault: 'reset' } },
      { match: { path: '/v2/*' }, when: { every: 2 }, effect: { response: { status: 503 }, delay: { fixed: '2s' } } },
      { match: { path: '*slow' }, effect: { delay: { fixed: '3s' } } },
    ),
  )
  await expect(ask(sandbox, '/v2/broken')).rejects.toThrow('fetch failed')
  const seen = async (path: string) => {
    const { status, headers } = await ask(sandbox, path)
    return [status, headers.get('x-sandbox-latency-ms')]
  }
  expect([await seen('/v2/a'), await seen('/v2/b'), await seen('/slow')]).toEqual([
    [404, null],
    [503, '2000'],
    [404, '3000'],
  ])
})
