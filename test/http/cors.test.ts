import { describe, expect, test } from 'vitest'
import { TARGETS, withSandbox } from '../contract/targets.js'

const PAGE = 'http://localhost:3000'
const WALLET = '/wallets/wlt_q23xzki3pazgtezo'
const KEY = { authorization: `Basic ${btoa('acme_test_key:')}`, origin: PAGE }
const PREFLIGHT = {
  origin: PAGE,
  'access-control-request-method': 'POST',
  'access-control-request-headers': 'authorization',
}

describe.each(TARGETS)('$name', (target) => {
  test('a page of a named origin may call the vendors, and read why it was refused', () =>
    withSandbox(target, { cors: `${PAGE}, https://shop.example` }, async (send) => {
      const asked = await send(WALLET, { method: 'OPTIONS', headers: PREFLIGHT })
      expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([204, PAGE])
      expect(asked.headers.get('access-control-allow-headers')).toBe('authorization')
      for (const path of [WALLET, '/wallets/wlt_none', '/nothing']) {
        const { headers } = await send(path, { headers: KEY })
        expect([headers.get('access-control-allow-origin'), headers.get('vary')]).toEqual([PAGE, 'Origin'])
        expect(headers.get('access-control-expose-headers')).toContain('x-sandbox-reason')
      }
      const other = await send(WALLET, { headers: { ...KEY, origin: 'https://evil.example' } })
      expect([other.status, other.headers.get('access-control-allow-origin')]).toEqual([200, null])
      const silent = await send(WALLET, { headers: { authorization: KEY.authorization } })
      expect(silent.headers.get('access-control-allow-origin')).toBeNull()
    }))

  test('every page with *, none by default, and never the control API', async () => {
    await withSandbox(target, { cors: '*' }, async (send) => {
      expect((await send(WALLET, { headers: KEY })).headers.get('access-control-allow-origin')).toBe(PAGE)
      const { headers } = await send('/_sandbox/health', { headers: { origin: PAGE } })
      expect(headers.get('access-control-allow-origin')).toBeNull()
    })
    await withSandbox(target, {}, async (send) => {
      const asked = await send(WALLET, { method: 'OPTIONS', headers: PREFLIGHT })
      expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([405, null])
    })
  })
})
