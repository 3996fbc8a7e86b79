export interface ServerEvent {
  readonly name: string
  readonly id: string
  readonly data: string
}

/** Reads Server-Sent Events to the end of the stream. `EventSource` could send no header, so no token. */
export async function readEvents(stream: ReadableStream<Uint8Array>, take: (event: ServerEvent) => void) {
  const reader = stream.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    const blocks = (rest + decoder.decode(value, { stream: true })).split('\n\n')
    rest = blocks.pop()!
    for (const block of blocks) {
      const event = parse(block)
      if (event.data !== '') take(event)
    }
  }
}

function parse(block: string): ServerEvent {
  const fields = Array.from(block.matchAll(/^(\w+): ?(.*)$/gm), ([, name, value]) => [name, value])
  const { event: name = 'message', id = '', data = '' } = Object.fromEntries(fields)
  return { name, id, data }
}
