import { IncomingMessage } from 'node:http'

/** The text of a request's body; undefined when it is longer than allowed, of which no more is read than that. */
export async function readText({ headers, body }: Request, mostBytes: number): Promise<string | undefined> {
  if (Number(headers.get('content-length') ?? 0) > mostBytes) return undefined
  if (body === null) return ''
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength
    if (size > mostBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** A socket's request, whose body can be had as it comes: to stream it takes Node longer than to parse the request. */
export class Incoming extends IncomingMessage {
  #take: ((chunk: Buffer | null) => void) | undefined

  /**
   * The text of the body; undefined when it is longer than allowed, and what comes of it then is dropped. Called while the
   * request is announced, when nothing of its body has come yet.
   */
  async text(mostBytes: number): Promise<string | undefined> {
    if (Number(this.headers['content-length'] ?? 0) > mostBytes) return undefined
    return new Promise((resolve, reject) => {
      // A character per byte. An array of the pieces is taken for one that lives long, and with it all that it is part of.
      let bytes = ''
      this.#take = (chunk) => {
        if (chunk === null) resolve(Buffer.from(bytes, 'latin1').toString('utf8'))
        else if (bytes.length + chunk.byteLength > mostBytes) resolve(undefined)
        else bytes += chunk.toString('latin1')
      }
      this.on('error', reject)
      // Every request closes in the end, and an error that nobody sees takes a tenth of its time to make.
      this.on('close', () => this.complete || reject(new Error('The client hung up.')))
    })
  }

  /** What Node's parser calls with each piece of the body, and with null at its end. */
  override push(chunk: Buffer | null): boolean {
    this.#take?.(chunk)
    return this.#take === undefined || chunk === null ? super.push(chunk) : true
  }
}
