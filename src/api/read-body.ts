import type { IncomingMessage } from 'node:http'

/** The bytes of a body; undefined when it is longer than allowed, of which no more is read than that. */
export async function readBytes(
  { headers, body, signal }: Pick<Request, 'headers' | 'body' | 'signal'>,
  maxBytes: number,
): Promise<Buffer | undefined> {
  if (Number(headers.get('content-length') ?? 0) > maxBytes) return undefined
  if (body === null) return Buffer.alloc(0)
  const reader = (body as ReadableStream<Uint8Array>).getReader()
  // A body under way does not end when its request is aborted.
  const cancel = () => void reader.cancel().catch(() => {})
  signal.addEventListener('abort', cancel)
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    signal.throwIfAborted()
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      size += read.value.byteLength
      if (size > maxBytes) return undefined
      chunks.push(read.value)
    }
    signal.throwIfAborted()
  } finally {
    signal.removeEventListener('abort', cancel)
    cancel()
  }
  return Buffer.concat(chunks)
}

/** The same of a socket's request; what comes beyond the bound is dropped. */
export function readIncoming(incoming: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  if (Number(incoming.headers['content-length'] ?? 0) > maxBytes) return Promise.resolve(undefined)
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.byteLength
      if (size > maxBytes) resolve(undefined)
      else chunks.push(chunk)
    })
    incoming.on('end', () => resolve(Buffer.concat(chunks)))
    incoming.on('error', reject)
    // Every request closes in the end, and making an error that goes unseen takes long.
    incoming.on('close', () => incoming.complete || reject(new Error('The client hung up.')))
  })
}
