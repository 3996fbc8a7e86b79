import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openCapsule } from '../../src/index.js'
import { ask, basic, WALLET } from '../control/helpers.js'
import { clientOf, debit } from '../vendors/juspay/client.js'
import { order } from '../webhooks/pay.js'
import { expectQuiet, inBrowser, newPage, opened, PAGE, row, rows } from './browser.js'

inBrowser('handing over', () => {
  test('view, merchant, filter and opened call survive a reload, and a link opens the same', async () => {
    const watched = await opened()
    const { page, sandbox } = watched
    for (let n = 0; n < 60; n++) await ask(sandbox, n === 3 ? '/wallets/wlt_none' : WALLET)
    await row(watched, 0).waitFor()
    await page.getByLabel('Merchant').selectOption('acme')
    await page.getByLabel('Status').selectOption('failed')
    await expect.poll(() => rows(watched).count()).toBe(1)
    await row(watched, 0).click()
    const shown = async (at = page) => [
      await at.getByLabel('Merchant').inputValue(),
      await at.getByLabel('Status').inputValue(),
      await at.locator('.detail .reason').textContent(),
    ]
    await page.getByRole('article').waitFor()
    const before = await shown()
    expect(before).toEqual(['acme', 'failed', expect.stringContaining('wlt_none')])
    const address = page.url()
    await page.reload()
    await page.getByRole('article').waitFor()
    expect([page.url(), await shown()]).toEqual([address, before])
    const other = await newPage()
    await other.goto(address)
    await other.getByRole('article').waitFor()
    expect(await shown(other)).toEqual(before)

    await other.goto(`${watched.url}${PAGE}#call/acme/4`)
    const selected = other.locator('[role=option][aria-selected=true]')
    await selected.waitFor()
    expect(await selected.textContent()).toContain('400')
    await expect
      .poll(() =>
        selected.evaluate((one) => {
          const { top, bottom } = one.getBoundingClientRect()
          const box = one.closest('.rows')!.getBoundingClientRect()
          return top >= box.top && bottom <= box.bottom
        }),
      )
      .toBe(true)

    await other.goto(`${watched.url}${PAGE}#call/acme/999`)
    await other.getByText('Call 999 of acme is not in the journal any more.').waitFor()
    expectQuiet(watched)
  })

  test('times are in UTC, or in the zone of the browser, which the address keeps', async () => {
    const watched = await opened({}, { timezoneId: 'Asia/Kolkata' })
    const { page, sandbox } = watched
    await ask(sandbox, WALLET)
    await row(watched, 0).click()
    const times = async () => [
      await page.locator('.now').textContent(),
      await page.locator('[role=option] .time').textContent(),
      await page.locator('.row.head .time').textContent(),
      await page.locator('.facts dd').filter({ hasText: '2023' }).textContent(),
    ]
    await page.getByRole('article').waitFor()
    await expect
      .poll(times)
      .toEqual(['2023-09-11 08:30:00 UTC', '08:30:00.000', 'Time, UTC', '2023-09-11 08:30:00 UTC'])
    await page.locator('.now').click()
    await page.getByLabel('Times in this browser’s zone').check()
    const local = ['2023-09-11 14:00:00 +05:30', '14:00:00.000', 'Time, local', '2023-09-11 14:00:00 +05:30']
    await expect.poll(times).toEqual(local)
    await page.reload()
    await page.getByRole('article').waitFor()
    await expect.poll(times).toEqual(local)
    await page.getByRole('link', { name: 'Wallets' }).click()
    await page.getByText('ends at 2023-09-11 14:15:00 +05:30').waitFor()
    expectQuiet(watched)
  })

  test('counts what the verdict found, for a pull request too; asks before it empties; lists the keys', async () => {
    const watched = await opened({}, { permissions: ['clipboard-read', 'clipboard-write'] })
    const { page, sandbox } = watched
    await sandbox.fetch(`http://sandbox${WALLET}`, { headers: basic('acme_test_key') })
    await ask(sandbox, '/wallets/wlt_none')
    await row(watched, 0).getByText('has no wallet').waitFor()
    await page.keyboard.press('?')
    const keys = page.getByRole('dialog', { name: 'Keys of the keyboard' })
    await keys.waitFor()
    await page.keyboard.press('Escape')
    await keys.waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: 'Clear', exact: true }).click()
    expect(await rows(watched).count()).toBe(2)
    await page.getByRole('link', { name: 'Verdict' }).click()
    const { findings } = await sandbox.control.verdict()
    expect(findings.length).toBeGreaterThan(0)
    const warnings = findings.length === 1 ? '1 warning' : `${findings.length} warnings`
    await page.getByText(`0 rules broken, ${warnings} in 2 calls`).waitFor()
    await page.getByRole('button', { name: 'Copy as Markdown' }).click()
    await page.getByText('Copied').waitFor()
    const copied = await page.evaluate('navigator.clipboard.readText()')
    expect(copied).toContain(`- **warn** \`${findings[0]!.rule}\`: ${findings[0]!.message}`)
    await page.getByRole('link', { name: 'Requests' }).click()
    await page.getByRole('button', { name: 'Clear', exact: true }).click()
    await page.getByRole('button', { name: 'Clear for good?' }).click()
    await expect.poll(async () => (await sandbox.control.requests.get()).total).toBe(0)
    expectQuiet(watched)
  })

  test('the life of an order is on one page, and a capsule opens on the call that failed', async () => {
    const watched = await opened({ scenario: 'debit-then-reset' })
    const { page, sandbox } = watched
    const client = clientOf(sandbox, watched.url, 'acme_test_key')
    await order(client)
    const { token } = (await client.get(WALLET)).body
    const attempt = () => client.post('/txns', debit('tea-1', 'MOBIKWIK', token)).catch(() => {})
    await attempt()
    await attempt()
    await page.goto(`${watched.url}${PAGE}#order/acme/tea-1`)
    const steps = page.locator('.steps > li')
    await expect.poll(() => steps.filter({ hasText: 'juspay.debitWallet' }).count()).toBe(2)
    const lost = page.locator('.steps > li.lost')
    expect(await lost.textContent()).toMatch(/The answer was lost\..*order tea-1: status NEW → CHARGED/)
    expect(await steps.filter({ hasText: 'debit-repeated-blindly' }).textContent()).toContain('juspay.debitWallet')
    await page.getByRole('link', { name: 'Verdict 1 rule broken', exact: true }).waitFor()
    expect(await page.title()).toBe('(1) wallet-sandbox')
    await page.reload()
    await lost.getByRole('link').click()
    await page.getByRole('heading', { name: 'What it changed' }).waitFor()
    await page.getByRole('link', { name: 'Order tea-1' }).click()
    await lost.waitFor()
    expectQuiet(watched)

    const folder = mkdtempSync(join(tmpdir(), 'handover-'))
    const file = join(folder, 'c.json')
    writeFileSync(file, JSON.stringify(await sandbox.control.merchant('acme').capsule()))
    const again = await openCapsule(file)
    rmSync(folder, { recursive: true })
    onTestFinished(() => again.close())
    const recorded = await newPage()
    await recorded.goto(`${await again.listen()}${PAGE}`)
    await recorded.getByText('This is a recording').waitFor()
    const { recording } = await again.control.merchants.get('acme')
    await recorded.getByRole('article').waitFor()
    expect(recorded.url()).toContain(`call=acme%2F${recording!.failed}`)
  })
})
