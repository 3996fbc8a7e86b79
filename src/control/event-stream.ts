import { cutOff, MAX_UNREAD } from '../lib/feed.js'
import { clearInterval, setImmediate, setInterval } from '../lib/timers.js'

/** One event of a stream. */
export interface ServerEvent {
  readonly event: string
  readonly id?: string
  readonly data: unknown
}

/** A stream of events, which is answered as Server-Sent Events. */
export class EventStream {
  readonly events: AsyncIterator<ServerEvent>

  constructor(events: AsyncIterator<ServerEvent>) {
    this.events = events
  }
}

/** Between two signs of life, in ms: proxies close what is silent for a minute. */
const HEARTBEAT_MS = 15_000
/** The answer that tells events as they come. What comes in one turn goes out together. @param cut hangs up */
export function eventStreamResponse({ events }: EventStream, cut: () => void): Response {
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
        controller.error(cutOff())
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
    for (;;) {
      const { done, value } = await events.next()
      if (done) break
      write(frameOf(value))
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
  // With the header, the adapter does not wait for a first piece.
  const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'transfer-encoding': 'chunked' }
  return new Response(body, { headers })
}

const frameOf = ({ event, id, data }: ServerEvent) =>
  `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`
