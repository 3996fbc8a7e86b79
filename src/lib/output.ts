import type { Writable } from 'node:stream'

/** Writes text, and resolves once it is written, or to the reason why it cannot be. */
export function writeTo(stream: Writable, text: string): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const settle = (error?: Error | null) => {
      // The stream tells of the same fault in an event, which would end the process if nobody listened.
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
