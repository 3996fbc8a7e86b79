import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium } from 'playwright-core'
import { CHROMIUM, NO_CHROMIUM } from '../inspector/chromium.js'
import { HEADERS, inTurn, LIST, type Running, run, sandbox, stop } from './targets.js'

/** By then the page has read the journal and drawn it. */
const SETTLE_MS = 2000

const VIEWS = ['requests', 'latency', 'verdict']

const CONNECTIONS = 32
const SECONDS = 2
/** More than elsewhere: what is looked for is less than the noise of one. */
const ROUNDS = 11

const REQUEST = [`GET ${LIST} HTTP/1.1`, 'host: sandbox', ...Object.entries(HEADERS).map((header) => header.join(': '))]
  .join('\r\n')
  .concat('\r\n\r\n')

/**
 * Requests per second, asked for with so little work that the server alone is what limits them. autocannon fills a
 * processor itself, and so, on two of them, would measure what the browser takes from autocannon.
 */
async function rateOf({ port }: Running): Promise<number> {
  const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => connected(port)))
  let answered = 0
  let fault: string | undefined
  for (const socket of sockets) {
    let length = 0
    let received = 0
    socket.on('data', (chunk) => {
      if (received === 0) {
        const head = chunk.subarray(0, chunk.indexOf('\r\n\r\n') + 4).toString('latin1')
        if (!head.startsWith('HTTP/1.1 200 ')) fault = head
        length = head.length + Number(/^content-length: (\d+)/im.exec(head)?.[1])
      }
      received += chunk.length
      if (received < length) return
      received = 0
      answered++
      socket.write(REQUEST)
    })
    socket.write(REQUEST)
  }
  const start = performance.now()
  await sleep(SECONDS * 1000)
  const rate = (answered / (performance.now() - start)) * 1000
  for (const socket of sockets) socket.destroy()
  if (fault !== undefined) throw new Error(`answered other than 200: ${fault}`)
  return rate
}

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

/** Requests per second of a List while the inspector's page is open, beside those without it. */
export async function openPage(): Promise<void> {
  if (CHROMIUM === undefined) return console.log(NO_CHROMIUM)
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
  const server = await run(sandbox(9104))
  const rate = () => rateOf(server)
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
