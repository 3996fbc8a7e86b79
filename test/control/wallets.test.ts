import { expect, test } from 'vitest'
import { ask, CUSTOMER, control, sandboxFor, WALLET, WALLET_ID } from './helpers.js'

test('the wallets of a customer, by each of its names and by their ids, are listed up to a limit', async () => {
  const sandbox = await sandboxFor()
  const all = (await control(sandbox, 'GET', '/merchants/acme/wallets')).body
  expect([all.wallets.length, all.total]).toEqual([Math.min(100, all.total), all.total])
  const one = (await control(sandbox, 'GET', `/merchants/acme/wallets?customer=${CUSTOMER}`)).body
  expect(one.wallets).toEqual(all.wallets.filter(({ customer }: { customer: string }) => customer === CUSTOMER))
  expect(one.wallets[0]).toEqual((await control(sandbox, 'GET', `/wallets/${one.wallets[0].id}`)).body)
  const byId = async (query: string) => (await control(sandbox, 'GET', `/merchants/acme/wallets?${query}`)).body
  expect(await byId(`wallet=${WALLET_ID}`)).toEqual({ wallets: [one.wallets[0]], total: 1 })
  expect(await byId(`wallet=${WALLET_ID}&customer=guest_user`)).toEqual({ wallets: [], total: 0 })
  expect((await byId(`wallet=wlt_*&customer=${CUSTOMER}`)).wallets).toEqual(one.wallets)
  const two = (await control(sandbox, 'GET', '/wallets?limit=2')).body
  expect([two.wallets.length, two.total > all.total]).toEqual([2, true])
  expect((await control(sandbox, 'GET', '/wallets?limit=x')).status).toBe(400)
})

test('a token is expired, and a wallet delinked', async () => {
  const sandbox = await sandboxFor()
  await ask(sandbox, WALLET)
  const expired = await control(sandbox, 'POST', `/merchants/acme/wallets/${WALLET_ID}/expire-token`)
  expect(expired).toMatchObject({ status: 200, body: { linked: true, token: { live: false } } })
  const delinked = await control(sandbox, 'POST', `/wallets/${WALLET_ID}/delink`)
  expect(delinked).toMatchObject({ status: 200, body: { id: WALLET_ID, linked: false, token: null } })
  expect((await control(sandbox, 'GET', `/wallets/${WALLET_ID}`)).body).toEqual(delinked.body)
  expect((await control(sandbox, 'POST', '/wallets/wlt_none/delink')).status).toBe(404)
})

test('calls above the recommended timeout are counted', async () => {
  const rules = [
    { name: 'slow', match: { operation: 'juspay.getWallet' }, when: { nth: 1 }, effect: { delay: { fixed: 1050 } } },
  ]
  const sandbox = await sandboxFor({ scenario: { name: 's', rules } })
  await ask(sandbox, WALLET)
  await ask(sandbox, WALLET)
  const { operations } = (await control(sandbox, 'GET', '/latency')).body
  expect(operations['juspay.getWallet']).toMatchObject({ calls: 2, recommendedTimeoutMs: 1000, aboveTimeout: 1 })
  const none = { recommendedTimeoutMs: null, aboveTimeout: 0, published: null, publishedSource: null }
  expect(operations['juspay.refreshAllWallets']).toMatchObject(none)
  expect(operations['juspay.getOrder'].publishedSource).toContain('printed as 0.0198, read as seconds')
})
