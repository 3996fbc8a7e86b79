import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { replay } from '../../src/replay/replay.js'
import { capsuleFiles, capsuleOf } from '../capsule/files.js'
import { ask, WALLET } from '../control/helpers.js'
import { commandHere } from '../spawn.js'
import { order, pay } from '../webhooks/pay.js'
import { receiver, shop } from '../webhooks/support.js'
import { inBrowser, newPage, viewsOf, watch } from './browser.js'

const { folder, write } = capsuleFiles()

/** What a stranger writes wherever a text may stand. */
const HOSTILE = `</script></style><script>alert(1)</script><img src=//x onerror=alert(1)>\u2028\u2029<!--"'&lt;{{`

/** A session with something for every view, in which a stranger chose the texts. */
async function hostile() {
  const hooks = await receiver((_, response) => void response.writeHead(503).end())
  const client = await shop(hooks.url)
  const { sandbox } = client
  await sandbox.control.scenario.put({
    name: HOSTILE,
    description: HOSTILE,
    rules: [{ name: HOSTILE, match: { operation: 'juspay.listWallets' }, effect: { error: 'rate_limited' } }],
  })
  await order(client)
  await pay(client)
  await expect.poll(() => hooks.received.length).toBeGreaterThan(0)
  await ask(sandbox, `/customers/${encodeURIComponent(HOSTILE)}/wallets?${encodeURIComponent(HOSTILE)}`)
  await client.post('/orders', { order_id: HOSTILE, amount: HOSTILE, customer_id: HOSTILE })
  await ask(sandbox, '/orders/%E0%A4%A')
  await ask(sandbox, WALLET, 'acme_test_key', { 'user-agent': HOSTILE.replace(/[^ -~]/g, '') })
  const capsule = await capsuleOf(sandbox)
  return { ...capsule, version: HOSTILE }
}

inBrowser('a session in one file', () => {
  test('is every view without a server, changes nothing, and runs nothing of what a stranger wrote', async () => {
    const file = join(folder, 'session.html')
    const written = await commandHere(['open', write(await hostile()), '--html', file])
    expect(written).toMatchObject({ status: 0, out: expect.stringContaining('session.html: holds the session of ') })
    expect(readFileSync(file, 'utf8').match(/<\/script/g)).toHaveLength(2)

    const page = await newPage({ permissions: ['clipboard-read', 'clipboard-write'] })
    const { errors, requested } = watch(page)
    const address = pathToFileURL(file).href
    await page.goto(address)
    await page.getByText('This file holds the session of the merchant acme (calls: 7)').waitFor()
    const detail = page.getByRole('article')
    await detail.waitFor()
    expect(page.url()).toMatch(/call=acme%2F\d+$/)
    const options = page.getByRole('option')
    for (let nth = 0; nth < 7; nth++) {
      await page.getByRole('listbox').getByRole('option').nth(nth).click()
      await detail.waitFor()
    }
    expect(await options.count()).toBeGreaterThan(7)
    await page.getByRole('button', { name: 'Copy as curl' }).click()
    await page.getByText('Copied').waitFor()
    expect(await page.evaluate('navigator.clipboard.readText()')).toContain("'http://127.0.0.1:8080/orders'")
    const saved = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Save as capsule' }).click()
    const capsule = await (await saved).path()
    expect((await replay(capsule)).requests).toBe(7)
    await page.getByRole('link', { name: 'Order tea-1' }).first().click()
    await expect.poll(() => page.locator('.steps > li').count()).toBeGreaterThan(2)

    const found: Record<string, string[]> = {}
    for (const view of await viewsOf(page)) {
      await page.locator(`nav a[href^="#${view}"]`).click()
      await page.locator(`main.${view} > *`).first().waitFor()
      await expect.poll(() => page.locator('main').innerText()).not.toBe('')
      expect(await page.locator('.fault').filter({ hasText: /./ }).allTextContents(), view).toEqual([])
      found[view] = await page
        .locator('main :is(button, input, select, textarea):enabled:visible')
        .evaluateAll((all) => all.map((one) => one.ariaLabel ?? one.textContent))
    }
    expect(found).toMatchObject({ wallets: [], deliveries: [] })
    // What a rule would be made of can be chosen, and its buttons are disabled.
    expect(found.scenario).toEqual(['Which calls', 'Number', 'Operation', 'Effect', 'The scenario as JSON'])
    await page.evaluate(`location.hash = 'clock'`)
    expect(await page.getByRole('button', { name: '+1 min', includeHidden: true }).isDisabled()).toBe(true)
    await page.locator('nav a[href^="#verdict"]').click()
    expect(found.requests!.join()).toMatch(/^Filter,((?!Pause|Clear).)*$/)

    await page.reload()
    await page.getByRole('link', { name: 'Verdict' }).and(page.locator('[aria-current]')).waitFor()
    const shown = page.getByRole('heading', { name: '<img src=//x onerror=alert(1)>' })
    await page.getByRole('link', { name: 'Scenario' }).click()
    await shown.waitFor()
    expect(await page.evaluate(`[document.images.length, document.scripts.length]`)).toEqual([0, 2])
    expect(errors).toEqual([])
    expect(requested.filter((one) => one !== address)).toEqual([])

    // And were something run, it could ask nobody.
    const hooks = await receiver()
    const asked = await page.evaluate(
      `fetch('${hooks.url}', { method: 'POST', body: '{}' }).then(() => 'sent', () => 'refused')`,
    )
    expect([asked, hooks.received.length]).toEqual(['refused', 0])
  })
})
