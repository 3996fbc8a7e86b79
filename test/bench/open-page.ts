import { setTimeout as sleep } from 'node:timers/promises'
import { chromium } from 'playwright-core'
import { CHROMIUM, NO_CHROMIUM } from '../inspector/chromium.js'
import { ask, CONNECTIONS, forSeconds } from './sockets.js'
import { inTurn, run, sandbox, stop } from './targets.js'

/** By then the page has read the journal and drawn it. */
const SETTLE_MS = 2000

const VIEWS = ['requests', 'latency', 'verdict']

const SECONDS = 2
/** More than elsewhere: what is looked for is less than the noise of one. */
const ROUNDS = 11

/** Requests per second of a List while the inspector's page is open, beside those without it. */
export async function openPage(): Promise<void> {
  if (CHROMIUM === undefined) return console.log(NO_CHROMIUM)
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
  const server = await run(sandbox(9104))
  const rate = () => ask(server.port, {}, forSeconds(SECONDS))
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
    // With the first reader, V8 compiles anew what all calls go through.
    await rate()
    await rateWithPage('requests')
    console.log(`List, ${CONNECTIONS} connections, requests per second: with the page open, without, in turn`)
    for (const view of VIEWS) {
      const { first, second, ratio } = await inTurn(() => rateWithPage(view), rate, ROUNDS)
      console.log(
        `  ${view.padEnd(10)}${first.toFixed(0).padStart(8)}${second.toFixed(0).padStart(8)}   ${ratio.toFixed(2)}`,
      )
    }
  } finally {
    await stop(server)
    await browser.close()
  }
}
