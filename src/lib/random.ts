/** What a draw is for: purpose, merchant, resource, occurrence. Equal keys draw equal values, on every machine. */
export type DrawKey = readonly (string | number)[]

/**
 * Four 32-bit lanes over the UTF-16 units of the seed and the key's parts, with a zero before each part; integer arithmetic
 * only, so that no platform differs. The parts are not joined first, which takes as long as the rest.
 */
function lanes(seed: number, key: DrawKey): [number, number, number, number] {
  let a = 0x243f6a88
  let b = 0x85a308d3
  let c = 0x13198a2e
  let d = 0x03707344
  let length = 0
  for (let part = -1; part < key.length; part++) {
    const text = String(part < 0 ? seed : key[part])
    for (let i = part < 0 ? 0 : -1; i < text.length; i++) {
      const unit = i < 0 ? 0 : text.charCodeAt(i)
      a = b ^ Math.imul(a ^ unit, 0x9e3779b1)
      b = c ^ Math.imul(b ^ unit, 0x85ebca77)
      c = d ^ Math.imul(c ^ unit, 0xc2b2ae3d)
      d = a ^ Math.imul(d ^ unit, 0x27d4eb2f)
      length++
    }
  }
  a = avalanche(a ^ length)
  b = avalanche(b + a)
  c = avalanche(c + b)
  d = avalanche(d + c)
  return [avalanche(a + d), b, c, d]
}

/** The finaliser of MurmurHash3: every input bit reaches every output bit. */
function avalanche(word: number): number {
  let h = word
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** A number in [0, 1) with 53 random bits. */
export function draw(seed: number, ...key: DrawKey): number {
  const [a, b] = lanes(seed, key)
  return ((a >>> 5) * 0x4000000 + (b >>> 6)) / 0x20000000000000
}

/** An endless sequence of 32-bit words for one key (Doty-Humphrey's sfc32). */
function sequence(seed: number, ...key: DrawKey): () => number {
  // Variables that a closure changes would be allocated anew with each word; here what overflows wraps by itself.
  const state = new Int32Array(lanes(seed, key))
  const next = () => {
    const [b, c, counter] = [state[1]!, state[2]!, state[3]!]
    const word = (state[0]! + b + counter) | 0
    state[0] = b ^ (b >>> 9)
    state[1] = c + (c << 3)
    state[2] = ((c << 21) | (c >>> 11)) + word
    state[3] = counter + 1
    return word >>> 0
  }
  for (let i = 0; i < 8; i++) next()
  return next
}

export const LOWER_ALPHANUMERIC = 'abcdefghijklmnopqrstuvwxyz0123456789'
export const DIGITS = '0123456789'

/** `length` characters of `alphabet`. */
export function drawText(alphabet: string, length: number, seed: number, ...key: DrawKey): string {
  const next = sequence(seed, ...key)
  let text = ''
  for (let i = 0; i < length; i++) text += alphabet[Math.floor((next() / 0x100000000) * alphabet.length)]
  return text
}

const BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** A word as eight hexadecimal digits. */
const hexOf = (word: number) =>
  BYTES[word >>> 24]! + BYTES[(word >>> 16) & 255] + BYTES[(word >>> 8) & 255] + BYTES[word & 255]

/** Two independent texts of 16 hexadecimal digits: most answers carry two ids. */
export function drawHexPair(seed: number, ...key: DrawKey): [string, string] {
  const [a, b, c, d] = lanes(seed, key)
  return [hexOf(a) + hexOf(b), hexOf(c) + hexOf(d)]
}

/** A version 4 UUID. */
export function drawUuid(seed: number, ...key: DrawKey): string {
  const [a, b, c, d] = lanes(seed, key)
  const hex = hexOf(a) + hexOf((b & 0xffff0fff) | 0x4000) + hexOf((c & 0x3fffffff) | 0x80000000) + hexOf(d)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** The numbers 0 … n−1 in a random order. */
export function permutation(n: number, seed: number, ...key: DrawKey): number[] {
  const next = sequence(seed, ...key)
  const order = Array.from({ length: n }, (_, i) => i)
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor((next() / 0x100000000) * (i + 1))
    ;[order[i], order[j]] = [order[j]!, order[i]!]
  }
  return order
}
