import { expect, test } from 'vitest'
import { inBrowser } from '../../inspector/browser.js'
import { open, openedInBrowser, statusOf } from './session.js'

/** `test/inspector/browser.test.ts` has a payment on this page. */

inBrowser('the page of a session, in a browser without scripts', () => {
  test('Cancel says so to the shop', async () => {
    const { client, press } = await openedInBrowser()
    expect((await press('Cancel')).get('status')).toBe('AUTHENTICATION_FAILED')
    expect(await statusOf(client)).toBe('AUTHENTICATION_FAILED')
  })

  test('a wallet with too little is marked, and fails; the next session can pay', async () => {
    const { client, page, press } = await openedInBrowser({ amount: '250.01' })
    await page.getByLabel('MobiKwik, INR 250.00, too little money').check()
    expect((await press('Pay')).get('status')).toBe('AUTHORIZATION_FAILED')
    await page.goto((await open(client, { amount: '250' })).body.payment_links.web)
    await page.getByRole('button', { name: 'Pay' }).click()
    await expect.poll(() => statusOf(client)).toBe('CHARGED')
  })

  test('one that has expired says so', async () => {
    const { client, page, web } = await openedInBrowser()
    await client.sandbox.control.clock.advance('15m')
    await page.goto(web)
    expect(await page.textContent('h1')).toBe('This page has expired')
  })
})
