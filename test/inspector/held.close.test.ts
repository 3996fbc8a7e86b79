import { expect, test } from 'vitest'
import { connect as steer } from '../../src/control/client.js'
import { basic } from '../control/helpers.js'
import { every } from '../every.js'
import { expectQuiet, inBrowser, opened } from './browser.js'

inBrowser('held calls on the page', () => {
  test('each has a row, and is answered, lost or refused by it', async () => {
    const watched = await opened()
    const { page, sandbox, url } = watched
    const rules = [{ name: 'r', match: { operation: 'juspay.getWallet' }, effect: { hold: 'wallet' } }]
    await steer(url, 'sandbox_held').scenario.put({ name: 's', rules })
    await every(
      [
        ['Answer', 200],
        ['Lose the answer', 'lost'],
        ['Refuse', 500],
      ] as const,
      async ([button, outcome]) => {
        const asked = fetch(`${url}/wallets/wlt_q23xzki3pazgtezo`, { headers: basic('sandbox_held') }).then(
          ({ status }) => status,
          () => 'lost',
        )
        await page.getByText('GET /wallets/wlt_q23xzki3pazgtezo').first().waitFor()
        await page.getByRole('button', { name: button, exact: true }).click()
        expect(await asked).toBe(outcome)
        expect((await sandbox.control.holds.get()).holds).toEqual([])
        await page.getByLabel('Held calls').waitFor({ state: 'detached' })
      },
    )
    expectQuiet(watched)
  })

  test('the merchants of an exploration stand together, apart from the others', async () => {
    const watched = await opened()
    const { page, url } = watched
    for (const key of ['sandbox_mine', 'sandbox_explore_reset'])
      await fetch(`${url}/wallets/wlt_q23xzki3pazgtezo`, { headers: basic(key) })
    const merchants = page.getByLabel('Merchant', { exact: true })
    await merchants.locator('optgroup[label="Exploration"]').waitFor({ state: 'attached' })
    expect(await merchants.locator('optgroup option').allTextContents()).toEqual(['sandbox_explore_reset'])
    expect(await merchants.locator('> option').allTextContents()).toContain('sandbox_mine')
    expectQuiet(watched)
  })
})
