import type { Hono } from 'hono'
import { confirmedBy } from './api/confirmed.js'
import { type Options, type ResolvedOptions, resolveOptions } from './config.js'
import { CONTROL_BASE } from './control/base.js'
import { type Control, createControl } from './control/control.js'
import { countsOf, readFixtures } from './fixture-files/read.js'
import { lostSecrets } from './fixture-files/webhook.js'
import { createApp, type MountedApp } from './http/app.js'
import type { Bindings } from './http/call-request.js'
import { createLifecycle } from './http/lifecycle.js'
import { journalMalformed } from './http/malformed.js'
import { Server } from './http/server.js'
import type { Tls } from './http/tls.js'
import type { Entry } from './journal/entry.js'
import { createLog } from './journal/log.js'
import type { LogFormat } from './journal/log-format.js'
import { Delays } from './lib/delays.js'
import { InputError } from './lib/errors.js'
import { isLoopback } from './lib/hosts.js'
import { load } from './lib/load.js'
import { quote } from './lib/text.js'
import { watch } from './lib/watch.js'
import { MerchantRegistry } from './merchants/registry.js'
import { readProgram } from './scenarios/read.js'
import { VENDORS } from './vendors/index.js'
import type { Send } from './webhooks/send.js'

/** A sandbox: the vendors' APIs in-process, and over a socket when one is asked for. */
export interface Sandbox extends AsyncDisposable {
  /**
   * Answers as the vendor's server would, without a socket. The origin of the URL does not matter. A fault of the scenario
   * returns or throws what the platform's `fetch` would.
   *
   * @example
   * const headers = { authorization: `Basic ${btoa('acme_test_key:')}` }
   * const response = await sandbox.fetch('https://sandbox.juspay.in/wallets/wlt_q23xzki3pazgtezo', { headers })
   */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>
  /**
   * The sandbox as a Hono app, to mount in another one or to ask with `hono/testing`.
   *
   * @example
   * const outer = new Hono().mount('/wallets-api', sandbox.app.fetch)
   */
  readonly app: Hono
  /**
   * Opens a port and returns its URL, such as `http://127.0.0.1:8080`. Port 0, the default here, picks a free one. Called
   * again, it returns the same URL.
   *
   * @example
   * const client = new WalletClient({ baseUrl: await sandbox.listen() })
   *
   * @throws InputError when the port or the address cannot be had
   */
  listen(at?: { port?: number; host?: string }): Promise<string>
  /** Where it listens; undefined before `listen()`. */
  readonly url: string | undefined
  /** Lets the answers under way finish, within two seconds; delays that a scenario injected are cut short. */
  close(): Promise<void>
  /**
   * Reads and steers the sandbox. The control API over HTTP is a thin layer over it.
   *
   * @example
   * await sandbox.control.merchant('sandbox_my_test').clock.advance('16m')
   */
  readonly control: Control
}

export const createSandbox = async (options: Options = {}): Promise<Sandbox> => openSandbox(resolveOptions(options))

/** What a replay puts in the place of the world around a sandbox, and is let into. */
export interface ReplayHooks {
  /** Whether it holds the merchant of a recording alone, and listens on loopback alone. */
  readonly isRecording?: boolean
  readonly send?: Send
  /** Called with each call that was answered, before its answer goes out. */
  readonly onAnswered?: (entry: Entry) => void
  /** Called with the merchants before the first call. */
  readonly onOpened?: (registry: MerchantRegistry) => void
}

/** The same from options that are parsed already. */
export async function openSandbox(resolved: ResolvedOptions, hooks: ReplayHooks = {}): Promise<Sandbox> {
  const fixtures = await readFixtures(resolved.fixtures)
  for (const lost of lostSecrets(fixtures.merchants)) reporter(resolved.log)(`warning: ${lost}`)
  // A stranger's recording must not name files of this machine.
  const { program, files } = await readProgram(resolved.scenario, VENDORS, { files: !hooks.isRecording })
  const settings = {
    ...resolved,
    program,
    ownUrl: () => server.url,
    makesMerchants: !hooks.isRecording,
    send: hooks.send,
    onDropped: (sentence: string) => reporter(resolved.log)(`warning: ${sentence}`),
  }
  const tls = await openTls(resolved)
  const operations = new Set(VENDORS.flatMap((vendor) => vendor.operations.map(({ id }) => id)))
  const confirmed = resolved.verified === undefined ? undefined : confirmedBy(resolved.verified, operations)
  const options = { ...resolved, confirmed }
  // Last of what can fail, because it holds the folder.
  const data = resolved.data === undefined ? undefined : await openData(resolved.data)
  const registry = new MerchantRegistry(fixtures.merchants, resolved.maxMerchants, settings, data)
  const delays = new Delays()
  hooks.onOpened?.(registry)
  const control = createControl(registry, VENDORS, options)
  let controlFetch: Promise<MountedApp['fetch']> | undefined
  // Loaded with its first request: it would be most of a start.
  const openControl = async () => {
    const { controlApp } = await load(() => import('./control/http.js'))
    const reached = { token: resolved.controlToken, boundHost: () => server.host, openInspector }
    const { fetch } = controlApp(control, { ...resolved, ...reached })
    return async (request: Request, bindings: Bindings) => fetch(request, bindings)
  }
  // Only the keys of the shipped fixtures may be shown.
  const namesKeys = resolved.fixtures === undefined && resolved.controlToken === undefined
  const log = hooks.onAnswered ?? createLog(resolved.log, resolved.colour === true)
  const app = createApp(
    VENDORS,
    { options, registry, namesKeys, delays, log },
    {
      base: CONTROL_BASE,
      fetch: async (request, bindings) => {
        controlFetch ??= openControl()
        return (await controlFetch)(request, bindings)
      },
    },
  )
  const server = new Server(app.fetch, (malformed) => log(journalMalformed(registry, malformed)), tls)
  const stopWatching = resolved.watch ? reloadOnEdits(resolved, registry, files) : () => {}
  const { fetch, listen, close } = createLifecycle(server, app.fetch, {
    begin: () => {
      stopWatching()
      delays.release()
      registry.close()
    },
    end: () => data?.close(),
  })
  return {
    app,
    control,
    fetch,
    get url() {
      return server.url
    },
    async listen(at = {}) {
      if (hooks.isRecording && at?.host !== undefined && !isLoopback(String(at.host)))
        throw new InputError(
          `listen.host: is ${quote(at.host)}; allowed: an address of this machine, such as 127.0.0.1, as a capsule is served to it alone`,
        )
      return listen(at)
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** Prints what a user should know, unless the log is silent. */
const reporter = (log: LogFormat) => (sentence: string) => {
  if (log !== 'silent') process.stderr.write(`wallet-sandbox: ${sentence}\n`)
}

/** @returns stops it */
function reloadOnEdits(
  { fixtures, scenario, log }: ResolvedOptions,
  registry: MerchantRegistry,
  files: readonly string[],
): () => void {
  const say = reporter(log)
  const stops = [
    watch(typeof fixtures === 'string' ? [fixtures] : [], async () => {
      const { merchants } = await readFixtures(fixtures)
      registry.setFixtures(merchants)
      say(`${fixtures}: read again (${countsOf(merchants)})`)
      return [fixtures as string]
    }),
    watch(files, async () => {
      const { program, files: now } = await readProgram(scenario, VENDORS)
      registry.setProgram(program)
      say(`${scenario}: read again (scenario "${program.name}", rules: ${program.rules.length})`)
      return now
    }),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

/** Loaded with the first request for the page. */
const openInspector = async () => (await load(() => import('./inspector/app.js'))).inspectorApp()

async function openTls({ tlsCert, tlsKey }: ResolvedOptions): Promise<Tls | undefined> {
  if (tlsCert === undefined && tlsKey === undefined) return undefined
  const { readTls } = await load(() => import('./http/tls.js'))
  return readTls(tlsCert, tlsKey)
}

const openData = async (folder: string) => (await load(() => import('./store/folder.js'))).DataFolder.open(folder)
