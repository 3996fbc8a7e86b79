import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, onTestFinished } from 'vitest'
import type { Options } from '../../src/config.js'
import type { Sandbox } from '../../src/sandbox.js'
import { sandboxFor } from '../control/helpers.js'
import { CHROMIUM } from './chromium.js'

let browser: Browser

/** One browser for the tests of a file. */
export function launchOnce(): void {
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM!, args: ['--no-sandbox'] })
  })
  afterAll(() => browser?.close())
}

/** What a page did that it must not. */
export interface Watched {
  readonly page: Page
  readonly sandbox: Sandbox
  readonly url: string
  /** Errors on the console, and those that nobody caught. */
  readonly errors: string[]
  /** Every address that was asked for. */
  readonly requested: string[]
}

type Look = Parameters<Browser['newContext']>[0]

/** A sandbox, and its page in a browser of its own. */
export async function openPage(options: Options = {}, look: Look = {}): Promise<Watched> {
  const sandbox = await sandboxFor(options)
  const url = await sandbox.listen()
  const page = await newPage(look)
  const errors: string[] = []
  const requested: string[] = []
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('request', (request) => requested.push(request.url()))
  return { page, sandbox, url, errors, requested }
}

export async function newPage(look: Look = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...look })
  // Before the sandbox is closed, which waits for streams.
  onTestFinished(() => context.close())
  // So that what fails names the step.
  context.setDefaultTimeout(8_000)
  return context.newPage()
}
