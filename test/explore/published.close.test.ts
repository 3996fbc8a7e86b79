import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { explore, type Flow, type FlowContext } from '../../src/index.js'
import { blocks, read, section } from '../docs/pages.js'
import { TIMEOUT_MS } from './clients.js'

/** The flows of the README and the tutorial, explored with each fault at each call. */

/** A `fetch` as a shop has it: with a time-out, a wait where 429 asks for one, and reads that are repeated. */
const careful =
  ({ fetch }: FlowContext) =>
  async (url: string, init: RequestInit = {}) => {
    for (let left = 2; ; left--)
      try {
        const response = await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) })
        const body = await response.text()
        if (response.status === 429 && left > 0) await sleep(1000 * Number(response.headers.get('retry-after')))
        else if (response.status < 500 && response.status !== 401)
          return new Response(body, { status: response.status })
        else throw new Error(`${url}: ${response.status}`)
      } catch (error) {
        if (init.method === 'POST' || left === 0) throw error
      }
  }

/** The three requests of the README: their paths, and their credentials with the key of the merchant. */
const curls = Array.from(section('README.md', 'Three requests').matchAll(/^\$ curl .*?http:\/\/[^/]+(\/\S+) (.*)$/gm))
const readme: Flow = async (context) => {
  const send = careful(context)
  const replies = []
  for (const [, path, flags] of curls) {
    const headers = flags!.includes('Bearer') ? { authorization: `Bearer ${context.key}` } : {}
    replies.push(await (await send(`${context.url}${path}`, { headers })).json())
  }
  return replies
}

/** The mended shop of the tutorial, with the key of the merchant, and a `fetch` in the place of the platform's. */
async function tutorial(): Promise<Flow> {
  const folder = mkdtempSync(join(tmpdir(), 'tutorial-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const { code } = blocks(read('docs/tutorial.md')).find(({ name }) => name === 'mended.mjs')!
  const own = code.replace('buy(url)', 'buy(url, key, fetch)').replace("'sandbox_shop:'", "key + ':'")
  writeFileSync(join(folder, 'mended.mjs'), own.replace(/^if .*$/m, ''))
  const { buy } = await import(pathToFileURL(join(folder, 'mended.mjs')).href)
  return async (context) => {
    const said = await buy(context.url, context.key, careful(context))
    if (!said.startsWith('paid')) throw new Error(said)
    return said
  }
}

test('no fault at a call of the README or the tutorial costs money', async () => {
  expect(curls).toHaveLength(3)
  const [first, second] = await Promise.all([explore(readme), explore(await tutorial())])
  expect([first.calls.map(({ name }) => name), second.calls.map(({ name }) => name)]).toEqual([
    ['juspay.getWallet#1', 'juspay.getWallet#2', 'juicyway.retrieveWallet#1'],
    ['juspay.createOrder#1', 'juspay.getWallet#1', 'juspay.debitWallet#1'],
  ])
  expect([String(first), String(second)]).toEqual([
    expect.stringMatching(/\nno finding among \d\d schedules of depth 1$/),
    expect.stringMatching(/\nno finding among \d\d schedules of depth 1$/),
  ])
})
