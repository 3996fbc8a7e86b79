import { replaceEncoded, unescaped } from '../lib/text.js'

/** A form of a key is looked for by so many of its first characters; a shorter key is not looked for. */
const START = 4
const LAST_START = 0xfff_ffff
/** A shorter key is found as a word of its own only: it could be a part of any text. */
export const SHORTEST_PART = 8

interface Found {
  readonly key: string
  readonly from: number
  readonly to: number
}

const NONE: Found[] = []

/**
 * Finds the API keys of a sandbox in a text as they are, percent-encoded and in Base64, in time that depends neither on
 * the number of keys nor with how often they stand there.
 */
export class KnownKeys {
  readonly #keys = new Set<string>()
  /** How many forms begin with characters of this hash. */
  readonly #starts = new Uint16Array(1 << 14)
  /** The key of each form, by the length of the form. */
  readonly #forms = new Map<number, Map<string, string>>()

  add(key: string): void {
    if (key.length < START || this.#keys.has(key)) return
    this.#keys.add(key)
    for (const form of formsOf(key)) {
      const known = this.#forms.get(form.length) ?? new Map<string, string>()
      this.#forms.set(form.length, known.set(form, key))
      this.#starts[startOf(form)]!++
    }
  }

  remove(key: string): void {
    if (!this.#keys.delete(key)) return
    for (const form of formsOf(key)) {
      this.#forms.get(form.length)?.delete(form)
      this.#starts[startOf(form)]!--
    }
  }

  in(text: string): readonly string[] {
    const found = this.#find(text)
    const plain = text.includes('%') ? unescaped(text) : text
    const encoded = plain === text ? NONE : this.#find(plain)
    return found.length + encoded.length === 0 ? [] : [...new Set([...found, ...encoded].map(({ key }) => key))]
  }

  /** The text with something else where a key stands; undefined leaves the key. */
  replace(text: string, by: (key: string) => string | undefined): string {
    return replaceEncoded(this.#replaceForms(text, by), (plain) => this.#replaceForms(plain, by))
  }

  #replaceForms(text: string, by: (key: string) => string | undefined): string {
    let shown = ''
    let end = 0
    for (const { key, from, to } of this.#find(text)) {
      const standIn = to <= end ? undefined : by(key)
      if (standIn === undefined) continue
      shown += text.slice(end, Math.max(from, end)) + standIn
      end = to
    }
    return end === 0 ? text : shown + text.slice(end)
  }

  #find(text: string): readonly Found[] {
    let found = NONE
    let start = 0
    for (let i = 0; i < text.length; i++) {
      start = next(start, text.charCodeAt(i))
      if (this.#starts[slotOf(start)] === 0 || i < START - 1) continue
      const one = this.#at(text, i - START + 1)
      if (one === undefined) continue
      if (found === NONE) found = [one]
      else found.push(one)
    }
    return found
  }

  /** The longest form that begins there. */
  #at(text: string, from: number): Found | undefined {
    let found: Found | undefined
    for (const [length, forms] of this.#forms) {
      const form = text.slice(from, from + length)
      const key = forms.get(form)
      if (key === undefined || length <= (found?.to ?? 0) - (found?.from ?? 0)) continue
      if (form !== key) found = { key, ...wholeGroups(text, from, from + length) }
      else if (length >= SHORTEST_PART || isWord(text, from, from + length)) found = { key, from, to: from + length }
    }
    return found
  }
}

/** The last characters read, packed into one number. */
const next = (start: number, character: number) => ((start << 7) | (character & 127)) & LAST_START
const slotOf = (start: number) => Math.imul(start, 0x9e37_79b1) >>> 18

function startOf(form: string): number {
  let start = 0
  for (let i = 0; i < START; i++) start = next(start, form.charCodeAt(i))
  return slotOf(start)
}

/** The key, and what is the same of it in every Base64 text that holds it, after 0, 1 or 2 bytes of a group. */
function formsOf(key: string): Set<string> {
  const bytes = key.length < SHORTEST_PART ? Buffer.alloc(0) : Buffer.from(key)
  const groups = [0, 1, 2].map((skipped) => bytes.subarray(skipped, bytes.length - ((bytes.length - skipped) % 3)))
  const encoded = groups.flatMap((part) => [part.toString('base64'), part.toString('base64url')])
  return new Set([key, ...encoded.filter((form) => form !== '')])
}

/** The groups around Base64 that hold the rest of the key. */
function wholeGroups(text: string, from: number, to: number): Pick<Found, 'from' | 'to'> {
  const before = /[\w+-]{0,4}$/.exec(text.slice(Math.max(0, from - 4), from))![0].length
  const after = /^[\w+=-]{0,4}/.exec(text.slice(to, to + 4))![0].length
  return { from: from - before, to: to + after }
}

const isWord = (text: string, from: number, to: number) =>
  !/[\w-]/.test(text.charAt(from - 1)) && !/[\w-]/.test(text.charAt(to))
