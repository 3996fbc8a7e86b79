import { isUtf8 } from 'node:buffer'

/** Some editors begin a file with a byte order mark, which JSON does not know. */
export function utf8Of(bytes: Buffer): string {
  const text = bytes.toString('utf8')
  return text.startsWith('\uFEFF') ? text.slice(1) : text
}

/** Why bytes are not UTF-8, such as `is UTF-16LE, as byte 2 (0x00) shows`; undefined where they are. */
export function whyNotUtf8(bytes: Buffer): string | undefined {
  const encoding = foreignEncoding(bytes)
  if (encoding !== undefined) {
    const telling = bytes.findIndex((byte) => byte === 0 || byte >= 0xfe)
    return `is ${encoding}, as ${byteAt(bytes, telling)} shows`
  }
  return isUtf8(bytes) ? undefined : `is not UTF-8: ${byteAt(bytes, badByte(bytes))} stands in no character of it`
}

/** The encoding of text that is not UTF-8: by its mark, or by a zero beside the first character, which JSON has in ASCII. */
function foreignEncoding(bytes: Buffer): string | undefined {
  const [first, second, third, fourth] = bytes
  if (second === undefined) return undefined
  if (first === 0 && second === 0) return 'UTF-32BE'
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0))
    return third === 0 && fourth === 0 ? 'UTF-32LE' : 'UTF-16LE'
  return first === 0 || (first === 0xfe && second === 0xff) ? 'UTF-16BE' : undefined
}

const byteAt = (bytes: Buffer, index: number) => `byte ${index + 1} (0x${bytes[index]!.toString(16).padStart(2, '0')})`

/** The index of the first byte that decoding replaced: by U+FFFD, whose bytes begin with 0xef as the replaced ones may. */
function badByte(bytes: Buffer): number {
  const decoded = Buffer.from(bytes.toString('utf8'))
  const differing = decoded.findIndex((byte, i) => byte !== bytes[i])
  return decoded.lastIndexOf(0xef, differing)
}
