import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { replay } from '../../src/replay/replay.js'
import { ask, WALLET, WALLET_ID } from '../control/helpers.js'
import { clientOf } from '../vendors/juspay/client.js'
import { order, pay } from '../webhooks/pay.js'
import { LONG, receiver } from '../webhooks/support.js'
import { expectQuiet, inBrowser, opened } from './browser.js'

/** More presses than anyone has patience for. */
const MAX_TABS = 40

const focused = (page: Page) =>
  page.evaluate(
    `(({ ariaLabel, innerText }) => ariaLabel ?? innerText.slice(0, 40))(document.activeElement)`,
  ) as Promise<string>

/** Goes by Tab to what has this name. */
async function tabTo(page: Page, name: string) {
  const passed: string[] = []
  while (passed.length < MAX_TABS) {
    await page.keyboard.press('Tab')
    const at = await focused(page)
    if (at === name) return
    passed.push(at)
  }
  throw new Error(`Tab does not lead to ${name}, but to ${passed.join(', ')}`)
}

async function follow(page: Page, name: string) {
  await tabTo(page, name)
  await page.keyboard.press('Enter')
}

inBrowser('what a newcomer does', () => {
  test('is done by the keyboard alone, and the focus is never lost', async () => {
    const hooks = await receiver()
    const watched = await opened()
    const { page, sandbox, url } = watched
    const { keyboard } = page
    await sandbox.control.merchant('acme').webhooks.put({ url: hooks.url })
    const client = clientOf(sandbox, url, 'acme_test_key')
    await order(client)
    await pay(client)
    await ask(sandbox, '/wallets/wlt_none')
    await ask(sandbox, WALLET)
    await page.getByText('5 calls', { exact: true }).waitFor()

    // Why did a call fail?
    await tabTo(page, 'Calls, the newest first')
    for (const key of ['ArrowDown', 'ArrowDown', 'Enter']) await keyboard.press(key)
    const detail = page.getByRole('article')
    await detail.getByText('Merchant acme has no wallet "wlt_none"').first().waitFor()

    // Hand the run over.
    const saved = page.waitForEvent('download')
    await follow(page, 'Save as capsule')
    expect((await replay(await (await saved).path())).requests).toBe(5)
    expect(await focused(page)).toBe('Save as capsule')
    await keyboard.press('Escape')
    await detail.waitFor({ state: 'detached' })
    expect(await focused(page)).toBe('Calls, the newest first')

    // Make the next one fail.
    await follow(page, 'Scenario')
    await tabTo(page, 'Which calls')
    await keyboard.type('every call')
    await tabTo(page, 'Operation')
    await keyboard.type('juspay.getWallet')
    await follow(page, 'Add rule')
    await page.getByRole('cell', { name: 'every call of juspay.getWallet', exact: true }).waitFor()
    await expect.poll(() => focused(page), LONG).toBe('Add rule')
    expect((await ask(sandbox, WALLET)).status).toBe(401)

    // Set a balance.
    await follow(page, 'Wallets')
    await follow(page, 'Set balance')
    await expect.poll(() => focused(page), LONG).toMatch(/^Balance that the provider of wlt_q23xzki3pazgtezo/)
    await keyboard.press('Control+A')
    await keyboard.type('95.5')
    await keyboard.press('Enter')
    await page.getByRole('cell', { name: /^95\.50/ }).waitFor()
    expect(await sandbox.control.wallet(WALLET_ID)).toMatchObject({ provider: { balance: 95.5 } })
    expect(await focused(page)).toBe('Set balance')

    // Redeliver an event.
    await follow(page, 'Deliveries')
    const before = hooks.received.length
    await follow(page, 'Redeliver')
    await expect.poll(() => hooks.received.length).toBe(before + 1)
    expect(await focused(page)).toBe('Redeliver')
    expectQuiet(watched)
  })
})
