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
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > mostBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
