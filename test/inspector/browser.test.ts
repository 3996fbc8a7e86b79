import { expect, test } from 'vitest'
import { ask, WALLET, WALLET_ID } from '../control/helpers.js'
import { clientOf } from '../vendors/juspay/client.js'
import { openedInBrowser, statusOf } from '../vendors/juspay/session.js'
import { order, pay } from '../webhooks/pay.js'
import { expectQuiet, inBrowser, opened, PAGE, row } from './browser.js'

/** A first pass of each page; `browser.close.test.ts` and `sessions.close.test.ts` have what people do on them. */

inBrowser('the page', () => {
  test('starts with keys and a first call, and shows a failing one as it comes, with its reason', async () => {
    const watched = await opened()
    const { page, sandbox } = watched
    await page.getByText('acme_test_key', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Make a first call' }).click()
    await row(watched, 0).getByText('200').waitFor()

    await ask(sandbox, `${WALLET}x`)
    await row(watched, 0).getByText('400').click()
    const reason = `Merchant acme has no wallet "${WALLET_ID}x". Did you mean "${WALLET_ID}"?`
    expect(await page.locator('.detail > p').first().textContent()).toBe(reason)
    expect(await page.getByRole('article').textContent()).toContain('published')
    expectQuiet(watched)
  })

  test('fits a screen of 360 px in every view', async () => {
    const watched = await opened({ latency: 'virtual' }, { viewport: { width: 360, height: 800 } })
    const { page, sandbox } = watched
    await sandbox.control.webhooks.put({ url: 'http://127.0.0.1:1/hooks' })
    const match = { operation: 'juspay.refreshAllWallets' }
    const rules = [{ name: 'third refresh of all', match, when: { nth: 3 }, effect: { error: 'provider_unavailable' } }]
    await sandbox.control.scenario.put({ name: 'narrow', latency: { 'juspay.getWallet': 'published' }, rules } as const)
    const client = clientOf(sandbox, watched.url, 'acme_test_key')
    await order(client)
    await pay(client)
    for (let i = 0; i < 20; i++) await ask(sandbox, WALLET)
    const views = (await page.evaluate(
      `[...document.querySelectorAll('nav a')].map(({ hash }) => hash.slice(1))`,
    )) as string[]
    expect(views.length).toBe(7)
    for (const view of views) {
      await page.goto(`${watched.url}${PAGE}#${view}`)
      await page.locator(`main.${view} > *`).first().waitFor()
      const wide =
        await page.evaluate(`[...document.querySelectorAll('html, main, .bar, nav, .now, .live, .scroll:has(.figures, .cards)')]
        .filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.innerHTML.slice(0, 60))`)
      expect([view, wide]).toEqual([view, []])
    }
    // The list scrolls by the height that a row has here. A key is lost on one that is being drawn.
    await page.goto(`${watched.url}${PAGE}#requests`)
    const bottomOfFirst = `Math.round(document.querySelector('#call-1')?.getBoundingClientRect().bottom)`
    await expect
      .poll(async () => {
        await page.getByRole('listbox', { name: 'Calls' }).press('End')
        return page.evaluate(bottomOfFirst)
      })
      .toBe(800)
    expectQuiet(watched)
  })

  test('of a session is paid without scripts, and ends at the shop with a signed result and an event', async () => {
    const { client, page, press, web } = await openedInBrowser({ description: 'Two <b>teas</b>' })
    const text = await page.textContent('main')
    expect(text).toContain('INR 109.55')
    expect(text).toContain('Two <b>teas</b>')
    expect(text).toContain('MobiKwik, INR 250.00')
    const result = await press('Pay')
    expect([result.get('order_id'), result.get('status'), result.get('signature_algorithm')]).toEqual([
      ...['tea-1', 'CHARGED', 'HMAC-SHA256'],
    ])
    expect(await statusOf(client)).toBe('CHARGED')
    const { webhooks } = client.sandbox.control.merchant('acme')
    expect((await webhooks.next({ event: 'ORDER_SUCCEEDED' })).order).toBe('tea-1')
    // Opened a second time, it leads to the shop.
    await page.goto(web)
    expect(new URL(page.url()).searchParams.get('status')).toBe('CHARGED')
  })
})
