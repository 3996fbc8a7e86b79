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
  const fields = { event: 'message', id: '', data: '' }
  for (const line of block.split('\n')) {
    const [, name, value] = /^(\w+): ?(.*)$/.exec(line) ?? []
    if (name !== undefined && name in fields) fields[name as keyof typeof fields] = value!
  }
  return { name: fields.event, id: fields.id, data: fields.data }
}
