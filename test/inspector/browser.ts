import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished } from 'vitest'
import type { Options } from '../../src/config.js'
import type { Sandbox } from '../../src/sandbox.js'
import { sandboxFor } from '../control/helpers.js'
import { CHROMIUM, NO_CHROMIUM } from './chromium.js'

let browser: Browser

/** Tests with one browser for all of them; skipped where there is none. */
export function inBrowser(name: string, tests: () => void): void {
  describe.skipIf(CHROMIUM === undefined)(CHROMIUM === undefined ? `${name}: ${NO_CHROMIUM}` : name, () => {
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: CHROMIUM!, args: ['--no-sandbox'] })
    })
    afterAll(() => browser?.close())
    tests()
  })
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
  return { page, sandbox, url, ...watch(page) }
}

export function watch(page: Page): Pick<Watched, 'errors' | 'requested'> {
  const errors: string[] = []
  const requested: string[] = []
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()))
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('request', (request) => requested.push(request.url()))
  return { errors, requested }
}

export async function newPage(look: Look = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...look })
  // Before the sandbox is closed, which waits for streams.
  onTestFinished(() => context.close())
  // So that what fails names the step.
  context.setDefaultTimeout(30_000)
  return context.newPage()
}

export const PAGE = '/_sandbox/'
export const rows = ({ page }: Watched) => page.getByRole('listbox', { name: 'Calls' }).getByRole('option')
export const row = (watched: Watched, nth: number) => rows(watched).nth(nth)
export const go = ({ page }: Watched, view: string) => page.getByRole('link', { name: view }).click()

/** The views, by the names in their addresses. */
export const viewsOf = (page: Page) =>
  page
    .getByRole('navigation', { name: 'Views' })
    .getByRole('link')
    .evaluateAll((links) => links.map((link) => /#(\w+)/.exec(link.getAttribute('href')!)![1]!))

/** Its page, once it is there and the stream is. */
export async function opened(...given: Parameters<typeof openPage>): Promise<Watched> {
  const watched = await openPage(...given)
  await watched.page.goto(`${watched.url}${PAGE}`)
  await watched.page.getByText('Live', { exact: true }).waitFor()
  return watched
}

/** What no visit may do, whatever was clicked. */
export function expectQuiet({ errors, requested, url }: Pick<Watched, 'errors' | 'requested' | 'url'>) {
  expect(errors).toEqual([])
  expect(requested.filter((address) => !address.startsWith(`${url}/`) && !/^(data|blob):/.test(address))).toEqual([])
}
