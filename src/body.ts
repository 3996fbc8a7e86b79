import { Readable } from 'node:stream'

/** What is read of a request for its body. */
interface Bodied {
  readonly body: AsyncIterable<Uint8Array> | null
  header(name: string): string | null
}

/** The text of a request's body; undefined when it is longer than allowed, of which no more is read than that. */
export async function readText(request: Bodied, mostBytes: number): Promise<string | undefined> {
  if (Number(request.header('content-length') ?? 0) > mostBytes) return undefined
  const { body } = request
  if (body === null) return ''
  if (body instanceof Readable) return readStream(body, mostBytes)
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > mostBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** A socket's body, by its events: iterating over it takes longer than to serve the request. */
function readStream(stream: Readable, mostBytes: number): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    stream.on('data', (chunk: Buffer) => {
      size += chunk.byteLength
      if (size <= mostBytes) chunks.push(chunk)
      else resolve(undefined)
    })
    stream.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')))
    stream.on('error', reject)
    // Every stream closes in the end, and an error that nobody sees takes a tenth of the time of the request to make.
    stream.on('close', () => stream.readableEnded || reject(new Error('The client hung up.')))
  })
}
