import { InputError } from '../lib/errors.js'
import { cutOff } from '../lib/feed.js'
import { clearInterval, performance, setImmediate, setInterval, setTimeout } from '../lib/timers.js'
import type { JournalEvent } from './journal-queries.js'

/** A finished call, or what else happened. */
export type Streamed = JournalEvent | { readonly event: string; readonly data: unknown }

/** Between two signs of life, in ms: proxies close what is silent for a minute. */
const HEARTBEAT_MS = 15_000

/** What a reader may leave unread of what was sent to it, in bytes. */
const MAX_UNREAD = 8 * 1_048_576

/** How much is printed, in characters, before calls have their turn. */
const PIECE = 16_384

/** How long a reader that is behind has to take the event that says so, in ms. */
const FAREWELL_MS = 1000

/** How long calls have their turn at most, in ms: see docs/decisions/performance.md. */
const MAX_REST_MS = 100

/** Resolves once the event loop has had time to spare, so that calls do not pay for their readers. */
async function rest(): Promise<void> {
  const before = performance.eventLoopUtilization()
  const end = performance.now() + MAX_REST_MS
  do await new Promise((resolve) => setTimeout(resolve, 5))
  while (performance.now() < end && performance.eventLoopUtilization(before).utilization > 0.25)
}

/** The answer that streams events as they come. What comes in one turn goes out together. @param cut hangs up */
export function eventStreamResponse(events: AsyncIterator<Streamed>, cut: () => void): Response {
  const encoder = new TextEncoder()
  let heartbeat: NodeJS.Timeout | undefined
  let isOpen = true
  let written = ''
  const stop = async () => {
    isOpen = false
    clearInterval(heartbeat)
    await events.return!()
  }
  const fill = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
    const flush = () => {
      if (!isOpen || written === '') return
      controller.enqueue(encoder.encode(written))
      written = ''
      if (controller.desiredSize! < -MAX_UNREAD) {
        cut()
        controller.error(cutOff(MAX_UNREAD))
        void stop()
      }
    }
    const write = (text: string) => {
      if (written === '') setImmediate(flush)
      written += text
    }
    write(':\n\n')
    heartbeat = setInterval(write, HEARTBEAT_MS, ':\n\n')
    heartbeat.unref()
    try {
      let printed = 0
      for (;;) {
        const { done, value } = await events.next()
        if (done) break
        const frame = frameOf(value)
        write(frame)
        printed += frame.length
        if (printed < PIECE) continue
        await rest()
        printed = 0
      }
    } catch (error) {
      if (!(error instanceof InputError) || controller.desiredSize! < 0) throw error
      write(frameOf({ event: 'behind', data: { message: error.message } }))
      setTimeout(cut, FAREWELL_MS).unref()
    }
    flush()
    if (isOpen) controller.close()
    await stop()
  }
  const body = new ReadableStream<Uint8Array>(
    // Not awaited: the answer begins before the first event.
    { start: (controller) => void fill(controller).catch(cut), cancel: stop },
    new ByteLengthQueuingStrategy({ highWaterMark: 0 }),
  )
  const headers = {
    'content-type': 'text/event-stream',
    'cache-control': 'no-store',
    // So that a connection that is cut takes no other request along.
    connection: 'close',
    // So that nginx hands on each event as it comes.
    'x-accel-buffering': 'no',
    // So that the adapter does not wait for a first piece.
    'transfer-encoding': 'chunked',
  }
  return new Response(body, { headers })
}

const frameOf = (streamed: Streamed) =>
  'cursor' in streamed
    ? `event: request\nid: ${streamed.cursor}\ndata: ${JSON.stringify(streamed.entry)}\n\n`
    : `event: ${streamed.event}\ndata: ${JSON.stringify(streamed.data)}\n\n`
