import type { ServerResponse } from 'node:http'
import type { Vendor } from './api/vendor.js'
import { type Options, type ResolvedOptions, resolveOptions } from './config.js'
import { type Control, createControl } from './control/control.js'
import { controlDoor } from './control/lazy.js'
import { isControl } from './control/path.js'
import { readFixtures } from './fixtures/read.js'
import { FetchedRequest, SocketRequest } from './http/call-request.js'
import { Identifier } from './http/identify.js'
import type { Incoming } from './http/read-body.js'
import { deliverToFetch, deliverToSocket } from './http/send.js'
import { createPipeline } from './http/serve.js'
import { Server } from './http/server.js'
import type { Tls } from './http/tls.js'
import { createLog } from './journal/log.js'
import { Delays } from './lib/delays.js'
import { watch } from './lib/watch.js'
import { MerchantRegistry } from './merchants/registry.js'
import { compile } from './scenarios/compile.js'
import { readScenario, scenarioFile } from './scenarios/read.js'
import type { DataFolder } from './store/data/folder.js'
import { juicyway } from './vendors/juicyway/index.js'
import { juspay } from './vendors/juspay/index.js'

/** Every API dialect served. The first answers where nothing tells whose a request is. */
export const VENDORS: readonly Vendor[] = [juspay, juicyway]

/** A sandbox: the vendors' APIs in-process, and over a socket when one is asked for. */
export interface Sandbox extends AsyncDisposable {
  /**
   * Answers as the vendor's server would, without a socket; the origin of the URL does not matter. A fault of the
   * scenario returns or throws what the platform's `fetch` would.
   */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>
  /**
   * Opens a port and returns its URL, such as `http://127.0.0.1:8080`. Port 0, the default here, picks a free one.
   *
   * @throws InputError when the port or the address cannot be had
   */
  listen(at?: { port?: number; host?: string }): Promise<string>
  /** Lets the answers under way finish, within two seconds; delays that a scenario injected are cut short. */
  close(): Promise<void>
  /** What a test asks and steers. The control API over HTTP is a thin layer over it. */
  readonly control: Control
}

/**
 * Builds a sandbox. Nothing of it is shared with another one, and nothing of the process is touched.
 *
 * @throws InputError when an option, a fixture or a scenario cannot be used, with one sentence per fault
 */
export async function createSandbox(options: Options = {}): Promise<Sandbox> {
  const resolved = resolveOptions(options)
  const fixtures = await readFixtures(resolved.fixtures)
  const scenario = await readScenario(resolved.scenario)
  const { seed, clock, journalSize } = resolved
  const where = typeof resolved.scenario === 'string' ? resolved.scenario : 'scenario'
  const settings = { seed, clock, journalSize, program: compile(scenario, VENDORS, where) }
  const tls = await openTls(resolved)
  // Last of what can fail, because it holds the folder.
  const data = resolved.data === undefined ? undefined : await openData(resolved.data)
  const merchants = new MerchantRegistry(fixtures.merchants, resolved.maxMerchants, settings, data)
  const delays = new Delays()
  const pipeline = createPipeline(resolved, new Identifier(VENDORS, merchants), delays, createLog(resolved.log))
  let boundHost: string | undefined
  const control = createControl(merchants, VENDORS)

  const door = controlDoor(control, { token: resolved.controlToken, boundHost: () => boundHost })

  const serve = async (incoming: Incoming, outgoing: ServerResponse) => {
    const request = new SocketRequest(incoming, outgoing)
    await deliverToSocket(await pipeline(request), request, outgoing, delays)
  }
  const server = new Server(door.listener, serve, tls)
  const stopWatching = resolved.watch ? reloadOnEdits(resolved, merchants) : () => {}
  const close = async () => {
    stopWatching()
    delays.release()
    await server.close()
    await data?.close()
  }
  return {
    control,
    fetch: async (input, init) => {
      const request = new Request(input, init)
      request.signal.throwIfAborted()
      const asked = new FetchedRequest(request)
      return isControl(asked.target) ? door.fetch(request) : deliverToFetch(await pipeline(asked), asked, delays)
    },
    listen: ({ port = 0, host = '127.0.0.1' } = {}) => {
      boundHost = host
      return server.listen({ port, host })
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** @returns stops it */
function reloadOnEdits({ fixtures, scenario }: ResolvedOptions, merchants: MerchantRegistry): () => void {
  const file = scenarioFile(scenario)
  const stops = [
    watch(fixtures, async () => merchants.setFixtures((await readFixtures(fixtures)).merchants)),
    watch(file, async () => {
      const program = compile(await readScenario(scenario), VENDORS, file)
      for (const merchant of [merchants.anonymous, ...merchants.all()]) merchant.setScenario(program)
    }),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}

async function openTls({ tlsCert, tlsKey }: ResolvedOptions): Promise<Tls | undefined> {
  if (tlsCert === undefined && tlsKey === undefined) return undefined
  const { readTls } = await import('./http/tls.js')
  return readTls(tlsCert, tlsKey)
}

async function openData(folder: string): Promise<DataFolder> {
  const { DataFolder } = await import('./store/data/folder.js')
  return DataFolder.open(folder)
}
