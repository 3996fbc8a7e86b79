import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { test } from 'vitest'
import { ask, REFRESH, WALLET } from '../control/helpers.js'
import { every } from '../every.js'
import { clientOf } from '../vendors/juspay/client.js'
import { order, pay } from '../webhooks/pay.js'
import { receiver } from '../webhooks/support.js'
import { inBrowser, newPage, openPage, PAGE, viewsOf } from './browser.js'

const RULE = { name: 'third', match: { operation: 'juspay.refreshAllWallets' }, when: { nth: 3 } }

const LOOKS = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [1280, 360].map((width) => ({ colorScheme, viewport: { width, height: 800 } })),
)

/** What is there once a view shows its answers. */
const SHOWN: Readonly<Record<string, string>> = {
  requests: '[role=option]',
  scenario: 'textarea',
  verdict: '.findings li',
  order: 'h2',
  'order/acme/tea-1': '.steps li',
  'call/acme/183': 'article',
  'requests?status=999': '.none',
}

async function expectNothing(page: Page, { colorScheme }: (typeof LOOKS)[number]): Promise<void> {
  // In the dark nothing but the colours differs.
  const only = colorScheme === 'dark' ? ['color-contrast'] : undefined
  const options = JSON.stringify({ resultTypes: ['violations'], runOnly: only })
  const { violations } = (await page.evaluate(`axe.run(${options})`)) as axe.AxeResults
  const found = violations.flatMap(({ help, nodes }) => nodes.map(({ html }) => `${help}: ${html}`))
  if (found.length > 0) throw new Error(found.join('\n'))
}

inBrowser('axe finds nothing', () => {
  test('in any view, light and dark, wide and narrow, with more calls than it has rows and one of them open', async () => {
    const hooks = await receiver((_, response) => void response.writeHead(503).end())
    const { sandbox, url, page: first } = await openPage({ latency: 'virtual' })
    const { webhooks, scenario } = sandbox.control
    await webhooks.put({ url: hooks.url })
    await scenario.put({ name: 'made here', rules: [{ ...RULE, effect: { error: 'provider_unavailable' } }] })
    for (let n = 0; n < 180; n += 90) await Promise.all(Array.from({ length: 90 }, () => ask(sandbox, WALLET)))
    for (let n = 0; n < 3; n++) await ask(sandbox, REFRESH)
    const client = clientOf(sandbox, url, 'acme_test_key')
    await order(client)
    await pay(client)
    await first.goto(`${url}${PAGE}`)
    const addresses = [...(await viewsOf(first)), ...Object.keys(SHOWN).filter((address) => /\W/.test(address))]
    await every(LOOKS, async (look) => {
      const page = await newPage(look)
      await page.goto(`${url}${PAGE}`)
      await page.evaluate(axe.source)
      await every(addresses, async (address) => {
        await page.evaluate(`location.hash = '${address}'`)
        await page
          .locator(`main ${SHOWN[address] ?? 'tbody tr'}`)
          .first()
          .waitFor()
        await expectNothing(page, look)
      })
      await page.locator('[popovertarget=clock]').click()
      await expectNothing(page, look)
    })
  })
})
