import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { withoutSecrets, withSecrets } from '../../src/fixture-files/webhook.js'
import { connect } from '../vendors/juspay/client.js'
import { order, pay } from './pay.js'
import { LONG, receiver, shop } from './support.js'

/** A merchant's webhook in which everything that can be a secret is one. */
const secretive = (url: string) => ({
  url: url.replace('//', '//shop:secret-url@'),
  username: 'secret-user',
  password: 'secret-word',
  headers: { 'x-token': 'secret-token' },
})

const HIDDEN = { username: '***', password: '***', headers: { 'x-token': '***' } }

describe('what a merchant’s own receiver alone is sent', () => {
  test('an address that an order names is sent none of it', async () => {
    const [own, other] = [await receiver(), await receiver()]
    const client = await shop(undefined)
    await client.sandbox.control.merchant('acme').webhooks.put(secretive(own.url))
    await order(client)
    await pay(client)
    await order(client, { order_id: 'tea-2', 'metadata.webhook_url': other.url })
    await pay(client, 'tea-2')
    await expect.poll(() => own.received.length + other.received.length, LONG).toBe(6)
    const basic = `Basic ${btoa('secret-user:secret-word')}`
    for (const { headers } of own.received)
      expect(headers).toMatchObject({ authorization: basic, 'x-token': 'secret-token' })
    for (const { headers } of other.received) expect(Object.keys(headers)).not.toContain('x-token')
    for (const { headers } of other.received) expect(headers.authorization).toBeUndefined()
  })

  test('a password in a URL arrives, again too, and is shown nowhere', async () => {
    const hooks = await receiver((_, response) => {
      response.statusCode = 500
      response.end()
    })
    const client = await shop(undefined)
    const { control } = client.sandbox
    const acme = control.merchant('acme')
    const url = hooks.url.replace('//', '//shop:secret-url@')
    const shown = hooks.url.replace('//', '//shop:***@')
    expect(await acme.webhooks.put({ url })).toEqual({ url: shown })
    const events = await control.events()
    await order(client)
    await pay(client)
    await order(client, { order_id: 'tea-2', 'metadata.webhook_url': url.replace('secret', 'order') })
    await pay(client, 'tea-2')
    await acme.clock.advance('1m')
    const { deliveries } = await acme.webhooks.get()
    await acme.webhooks.redeliver(deliveries[0]!.event)
    await expect.poll(async () => (await acme.webhooks.get()).deliveries.length, LONG).toBe(deliveries.length + 1)
    const sent = new Set(hooks.received.map(({ headers }) => atob(headers.authorization!.slice(6))))
    expect([...sent].sort()).toEqual(['shop:order-url', 'shop:secret-url'])
    expect(new Set(deliveries.map((delivery) => delivery.url))).toEqual(new Set([shown]))
    const first = (await events.next()).value
    const all = [first, deliveries, await acme.requests.get(), await acme.state.get(), await acme.capsule()]
    expect(JSON.stringify(all)).not.toContain('secret')
  })

  test('state shows that there are some, keeps them when it is put back, and a new merchant has none', async () => {
    const data = mkdtempSync(join(tmpdir(), 'secrets-'))
    onTestFinished(() => rmSync(data, { recursive: true, force: true }))
    const hooks = await receiver()
    const first = await connect({ data })
    const settings = secretive(hooks.url)
    await first.sandbox.control.merchant('acme').webhooks.put(settings)
    const state = await first.sandbox.control.state.get()
    const shown = { url: hooks.url.replace('//', '//shop:***@'), ...HIDDEN }
    expect(state.merchants.map(({ webhook }) => webhook)).toEqual([shown, undefined])
    expect(await first.sandbox.control.state.put(state)).toEqual({ merchants: ['acme', 'globex'] })
    const acme = (client: typeof first) => client.sandbox.control.merchant('acme')
    await acme(first).state.put({ merchants: [{ ...state.merchants[0]!, webhook: { ...shown, username: 'another' } }] })
    await acme(first).webhooks.put({ ...shown, password: 'new' })
    await first.sandbox.close()

    const second = await shop(undefined, { data })
    await order(second)
    await pay(second)
    await expect.poll(hooks.names, LONG).toHaveLength(3)
    for (const { headers } of hooks.received)
      expect(headers).toMatchObject({ authorization: `Basic ${btoa('another:new')}`, 'x-token': 'secret-token' })

    const third = await shop(undefined)
    const { warnings } = await third.sandbox.control.state.put(state)
    expect(warnings).toEqual(
      ['url', 'headers.x-token', 'username', 'password'].map((name) =>
        expect.stringContaining(`"acme": the ${name} of`),
      ),
    )
    expect((await acme(third).state.get()).merchants[0]!.webhook).toEqual({
      url: hooks.url.replace('//', '//shop@'),
      headers: {},
    })
  })

  test('what is shown, given back, is what there was', () => {
    const settings = secretive('http://h.example/hook')
    expect(withSecrets(withoutSecrets(settings), settings)).toEqual(settings)
    expect(withSecrets({ url: 'http://other/', password: '***' }, settings)).toEqual({
      url: 'http://other/',
      password: 'secret-word',
    })
    const proto = JSON.parse('{"__proto__":"***"}') as Record<string, string>
    expect(withSecrets({ url: 'http://h/', headers: proto }, settings)).toEqual({ url: 'http://h/', headers: {} })
  })
})
