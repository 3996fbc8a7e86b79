import { nearestOrAll } from './did-you-mean.js'
import { InputError } from './errors.js'
import { isObject } from './json.js'
import { escapeControls, isWebUrl, isWellFormed, quote } from './text.js'
import { tried } from './tried.js'

/** What a caller in the same process gave, which can be anything. */

/** Fields of these types, where one that may be undefined may be left out too. */
export type Sparse<Fields> = {
  readonly [Name in keyof Fields as undefined extends Fields[Name] ? never : Name]: Fields[Name]
} & {
  readonly [Name in keyof Fields as undefined extends Fields[Name] ? Name : never]?: Exclude<Fields[Name], undefined>
}

/** A copy of what a caller gave, as JSON has it. @throws InputError where JSON has no form for it */
export function asJson(value: unknown, where: string): unknown {
  try {
    const text = JSON.stringify(value)
    return text === undefined ? undefined : JSON.parse(text)
  } catch (error) {
    const [reason] = String((error as Error)?.message).split('\n')
    throw new InputError(`${where}: cannot be read: ${escapeControls(reason!)}; allowed: values that JSON has`)
  }
}

/** What an option can be: whether a value is one, and the words for what is allowed. */
const KINDS = {
  any: [() => true, ''],
  flag: [(given: unknown) => typeof given === 'boolean', 'true or false'],
  milliseconds: [(given: unknown) => Number.isFinite(given) && (given as number) >= 0, 'milliseconds, from 0'],
  port: [
    (given: unknown) => Number.isInteger(given) && (given as number) >>> 16 === 0,
    'a whole number from 0 to 65535',
  ],
  urls: [
    (given: unknown) => Array.isArray(given) && given.every((url) => typeof url === 'string' && isWebUrl(url)),
    'a list of URLs that begin with http:// or https://',
  ],
  text: [(given: unknown) => typeof given === 'string' && given !== '' && isWellFormed(given), 'text'],
} as const

/** The kind of each option that is known. */
export type Kinds<Options> = Readonly<Record<keyof Options, keyof typeof KINDS>>

/** The options that a caller gave, read once. @throws InputError for anything else than an object of known options */
export function givenOptions<Options extends object>(given: Options, where: string, kinds: Kinds<Options>): Options {
  const options = tried(() => (isObject(given) ? { ...given } : undefined))
  if (options === undefined) throw new InputError(`${where}: is ${quote(given)}; allowed: an object`)
  const known = Object.keys(kinds)
  const faults = Object.entries(options).flatMap(([name, value]) => {
    if (!known.includes(name)) return [`${where}.${name}: is unknown.${nearestOrAll(name, known)}`]
    const [isAllowed, allowed] = KINDS[kinds[name as keyof Options]]
    return value === undefined || isAllowed(value) ? [] : [`${where}.${name}: is ${quote(value)}; allowed: ${allowed}`]
  })
  if (faults.length > 0) throw new InputError(faults)
  return options
}

/** A text that a caller gave, such as an id. @throws InputError for anything else */
export function givenText(given: unknown, where: string): string {
  if (typeof given === 'string' && isWellFormed(given)) return given
  throw new InputError(`${where}: is ${quote(given)}; allowed: text`)
}
