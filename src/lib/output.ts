import type { Writable } from 'node:stream'

/** Writes text, and resolves once it is written, or to the reason why it cannot be. */
export function writeTo(stream: Writable, text: string): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const settle = (error?: Error | null) => {
      // The stream emits the same fault as an event, which would end the process without a listener.
      if (error && stream.listenerCount('error') === 0) stream.once('error', () => {})
      resolve(error ?? undefined)
    }
    try {
      stream.write(text, settle)
    } catch (error) {
      settle(error as Error)
    }
  })
}

/** What may wait for a reader, in bytes. */
const MAX_WAITING = 1_048_576

/** Writes lines to a reader who may be slow or gone: beyond a bound they are dropped. @param dropped counts them */
export function lineWriter(stream: Writable, dropped: (lines: number) => string): (line: string) => void {
  let missing = 0
  const report = () => {
    if (missing === 0) return
    const notice = dropped(missing)
    missing = 0
    void writeTo(stream, notice)
  }
  return (line) => {
    if (stream.writableLength < MAX_WAITING) {
      report()
      void writeTo(stream, line)
      return
    }
    if (missing++ === 0) stream.once('drain', report)
  }
}
