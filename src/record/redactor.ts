import { KnownKeys } from '../journal/known-keys.js'
import { isCredential } from '../journal/redact.js'
import { changeTexts } from '../lib/json.js'
import { DIGITS, drawText, LOWER_ALPHANUMERIC } from '../lib/random.js'
import { capitalized, decoded, replaceEncoded, unescaped } from '../lib/text.js'

/** What an original is, which decides the form of what stands in for it. */
export type OriginalKind = 'name' | 'email' | 'phone' | 'secret'

/** What a field holds, by its name on the wire or in a fixture. */
const KINDS: Readonly<Record<string, OriginalKind>> = {
  ...by('name', 'first_name', 'firstName', 'last_name', 'lastName', 'account_name', 'accountName'),
  ...by('email', 'email', 'email_address', 'emailAddress', 'customer_email'),
  ...by('phone', 'mobile_number', 'mobileNumber', 'phone', 'phone_number', 'customer_phone'),
  ...by('secret', 'token', 'direct_wallet_token', 'client_auth_token', 'otp', 'account_number', 'accountNumber'),
  ...by('secret', 'line1', 'line2', 'city', 'zip_code', 'zipCode', 'address'),
}

function by(kind: OriginalKind, ...names: readonly string[]): Record<string, OriginalKind> {
  return Object.fromEntries(names.map((name) => [name, kind]))
}

/** The end of a name whose value is a secret. */
const SECRET_NAME =
  /(^|_)(token|secret|pass(word|wd|code)?|session(_?id)?|sid|api_?key|access_?key|auth|jwt|pin|cvv|otp)$/

/** What a field holds, by its name in whichever style. */
function kindOf(name: string): OriginalKind | undefined {
  if (Object.hasOwn(KINDS, name)) return KINDS[name]
  const words = name
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toLowerCase()
  return isCredential(name) || SECRET_NAME.test(words) ? 'secret' : undefined
}

/** Fields of the merchant's own, in which anything may stand. */
const FREE = /^(udf\d+|metadata\..*|return_?url)$/i
/** A name and its value within a text: of a query, of JSON, or as a person writes it. */
const PAIR = /(?<![\w.-])([\w.-]{1,64})["']?\s*[=:]\s*["']?([^\s"'/?&,;}#][^\s"'?&,;}#]{3,})/g
/** What no person would write: long, with letters and digits mixed. */
const OPAQUE = /(?<![\w-])(?=[\w-]*[A-Za-z])(?=[\w-]*\d)[\w-]{16,256}(?![\w-])/g

/** Fields whose words are the format's own, or numbers of a gateway. */
const LITERAL = new Set([
  ...['wallet', 'paymentMethod', 'paymentMethodType', 'gateway', 'status', 'flow', 'currency', 'type', 'action'],
  ...['bankCode', 'bankName', 'country', 'rrn', 'epgTxnId', 'ref', 'arn'],
])

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i
const EMAIL = /(?<![\w.+'%-])[\w.+'%-]+@[\w-]+(?:\.[\w-]+)+/g
/** Digits as people group them. */
const NUMBER = /(?<![\d.])\+?\d(?:[ ()-]{0,2}\d){6,14}(?![\d.])/g
/** A shorter secret is hidden only where it is the whole of a text. */
const SHORTEST_SECRET = 6
/** A word, with the digits that some add to a name. */
const WORD = /(?<![\p{L}\p{M}\p{N}])([\p{L}\p{M}]{2,})(\d*)(?![\p{L}\p{M}\p{N}])/gu

/** The subscriber's part of a number, whichever country code stands before it. */
const SUBSCRIBER = 10

/** Syllables that do not make a real name. */
const SYLLABLES = ['za', 'xo', 'qui', 'vu', 'zi', 'xa', 'qua', 've', 'wu', 'zo']

/**
 * Replaces people, phones, e-mails and secrets by stand-ins: the same original by the same one, of the same form. A stand-in
 * follows from the order in which originals came up, and not from the original, so that it cannot be computed back.
 */
export class Redactor {
  readonly #known: Readonly<Record<OriginalKind, Map<string, string>>> = {
    name: new Map(),
    email: new Map(),
    phone: new Map(),
    secret: new Map(),
  }
  readonly #standIns = new Set<string>()
  /** Finds the secrets in texts, in whichever encoding. */
  readonly #secrets = new KnownKeys()
  /** Names of things, by which a client finds them again: none is a secret for its looks. */
  readonly #ids = new Set<string>()

  /** Learns the originals in a value: fields that are known to hold some, and what a text shows, however deep. */
  learn(value: unknown, name = ''): void {
    if (typeof value === 'string') {
      const last = name.split('.').at(-1)!
      this.#note(value, kindOf(last))
      if (/(^|_)id$/i.test(last) && kindOf(last) === undefined) this.#ids.add(value)
      for (const text of new Set([value, unescaped(value)])) {
        for (const [, key, part] of text.matchAll(PAIR)) this.#note(decoded(part!), kindOf(key!))
        if (FREE.test(name))
          for (const [word] of text.matchAll(OPAQUE)) if (!UUID.test(word)) this.#note(word, 'secret')
      }
      // Found now, so that the order does not depend on when it is written.
      this.text(value)
    } else if (typeof value === 'number') this.learn(String(value), name)
    else if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value))
        this.learn(inner, Array.isArray(value) ? name : name === 'metadata' ? `${name}.${key}` : key)
  }

  replace(secret: string, standIn: string): void {
    this.#known.secret.set(secret, standIn)
    if (secret.length >= SHORTEST_SECRET) this.#secrets.add(secret)
  }

  /** The value with every original in it replaced. */
  apply<Value>(value: Value): Value {
    return changeTexts(value, (text, field) => (LITERAL.has(field) ? text : this.text(text)))
  }

  /** The text as the recording has it. */
  text(text: string): string {
    if (UUID.test(text)) return text
    const standIn = (found: string) => (this.#ids.has(found) ? undefined : this.#known.secret.get(found))
    const hidden = standIn(text) ?? this.#secrets.replace(text, standIn)
    return this.#people(replaceEncoded(hidden, (plain) => this.#people(plain)))
  }

  #people(text: string): string {
    const { name, email, phone } = this.#known
    return text
      .replace(EMAIL, (found) => email.get(found.toLowerCase()) ?? this.#email(found))
      .replace(NUMBER, (found) => this.#number(found, phone))
      .replace(WORD, (found, word: string, digits: string) => {
        const standIn = name.get(word.toLowerCase())
        return standIn === undefined ? found : likeCase(word, standIn) + digits
      })
  }

  #note(text: string, kind: OriginalKind | undefined): void {
    if (text === '' || kind === undefined) return
    if (kind === 'name') for (const [, word] of text.matchAll(WORD)) this.#name(word!)
    else if (kind === 'email') for (const [found] of text.matchAll(EMAIL)) this.#email(found)
    else if (kind === 'phone') this.#subscriber(digitsOf(text))
    else if (!this.#known.secret.has(text)) this.#secret(text)
  }

  #name(word: string): void {
    const made = (n: number) => Array.from(String(n).padStart(3, '0'), (digit) => SYLLABLES[Number(digit)]!).join('')
    this.#standIn('name', word.toLowerCase(), made)
  }

  #email(address: string): string {
    return this.#standIn('email', address.toLowerCase(), (n) => `person${n}@example.com`)
  }

  #subscriber(digits: string): string {
    const number = digits.slice(-SUBSCRIBER)
    // The first digit decides what kind of number it is.
    return this.#standIn('phone', number, (n) => number.slice(0, 1) + drawText(DIGITS, number.length - 1, n, 'phone'))
  }

  #secret(text: string): void {
    const start = /^[a-z]+_/.exec(text)?.[0] ?? ''
    const rest = text.slice(start.length)
    this.#standIn('secret', text, (n) => start + Array.from(rest, (c, i) => likeCharacter(c, n, i)).join(''))
  }

  /** A number that is known as a phone, or that has a phone's form; any other stays. */
  #number(found: string, phone: ReadonlyMap<string, string>): string {
    const digits = digitsOf(found)
    const known = phone.has(digits.slice(-SUBSCRIBER))
    if (!known && !/^([6-9]\d{9}|\+\d{8,15})$/.test(found)) return found
    const standIn = this.#subscriber(digits)
    let next = standIn.length - digits.length
    return found.replace(/\d/g, (digit) => standIn[next++] ?? digit)
  }

  #standIn(kind: OriginalKind, original: string, make: (n: number) => string): string {
    const known = this.#known[kind]
    const before = known.get(original)
    if (before !== undefined) return before
    let n = known.size + 1
    let standIn = make(n)
    // Nothing may stand in for two, or be a real person's name.
    while (this.#standIns.has(`${kind} ${standIn}`) || known.has(standIn)) standIn = make(++n + 1_000)
    this.#standIns.add(`${kind} ${standIn}`)
    known.set(original, standIn)
    if (kind === 'secret') this.replace(original, standIn)
    return standIn
  }
}

const digitsOf = (text: string) => text.replace(/\D/g, '')

function likeCase(original: string, standIn: string): string {
  if (original === original.toLowerCase()) return standIn
  if (original.length > 1 && original === original.toUpperCase()) return standIn.toUpperCase()
  return capitalized(standIn)
}

/** Another character of the same kind: a letter for a letter, a digit for a digit, all others as they are. */
function likeCharacter(character: string, n: number, place: number): string {
  const drawn = (alphabet: string) => drawText(alphabet, 1, n, 'character', place)
  if (/\d/.test(character)) return drawn(DIGITS)
  if (!/\p{L}/u.test(character)) return character
  const letter = drawn(LOWER_ALPHANUMERIC.slice(0, 26))
  return /[a-z]/.test(character) ? letter : letter.toUpperCase()
}
