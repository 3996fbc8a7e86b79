import { setTimeout as sleep } from 'node:timers/promises'
import { chromium } from 'playwright-core'
import { CHROMIUM, NO_CHROMIUM } from '../inspector/chromium.js'
import { inTurn, load, run, sandbox, stop } from './targets.js'

/** By then the page has read the journal and drawn it. */
const SETTLE_MS = 2000

const VIEWS = ['requests', 'latency', 'verdict']

/** Requests per second of a List while the inspector's page is open, beside those without it. */
export async function openPage(): Promise<void> {
  if (CHROMIUM === undefined) return console.log(NO_CHROMIUM)
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
  const server = await run(sandbox(9104))
  const rate = () => load(server, { seconds: 3 })
  const rateWithPage = async (view: string) => {
    const page = await browser.newPage()
    await page.goto(`${server.url}/_sandbox/#${view}`)
    await page.getByText('Live', { exact: true }).waitFor()
    await sleep(SETTLE_MS)
    const measured = await rate()
    await page.close()
    return measured
  }
  try {
    await rate()
    console.log('List, 32 connections, requests per second: with the page open, without, in turn')
    for (const view of VIEWS) {
      const { first, second, ratio } = await inTurn(() => rateWithPage(view), rate)
      console.log(
        `  ${view.padEnd(10)}${first.toFixed(0).padStart(8)}${second.toFixed(0).padStart(8)}   ${ratio.toFixed(2)}`,
      )
    }
  } finally {
    await stop(server)
    await browser.close()
  }
}
