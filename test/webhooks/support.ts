import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { Options } from '../../src/index.js'
import { connect } from '../vendors/juspay/client.js'

interface Received {
  readonly headers: IncomingHttpHeaders
  // biome-ignore lint/suspicious/noExplicitAny: an envelope is looked into by name
  readonly body: any
}

/** For what takes a moment, and on a busy machine longer. */
export const LONG = { timeout: 60_000 }

/** A receiver of events, and what it received. */
export async function receiver(answer: RequestListener = (_, response) => response.end()) {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    const text = (await request.toArray()).join('')
    received.push({ headers: request.headers, body: JSON.parse(text) })
    answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const names = () => received.map(({ body }) => body.event_name)
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`, received, names }
}

export async function shop(url: string | undefined, options: Options = {}) {
  const client = await connect(options)
  onTestFinished(() => client.sandbox.close())
  if (url !== undefined)
    await client.sandbox.control.merchant('acme').webhooks.put({ url, username: 'u', password: 'p' })
  return client
}
