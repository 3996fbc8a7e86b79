import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Fixtures } from './fixture-files/schema.js'
import type { LogFormat } from './journal/log-format.js'
import { CLOCK_FORM, parseTime } from './lib/clock.js'
import { didYouMean, nearest } from './lib/did-you-mean.js'
import { DURATION_FORM, DURATION_TEXT, parseDuration } from './lib/duration.js'
import { InputError } from './lib/errors.js'
import { givenOptions, type Kinds, type Sparse } from './lib/given.js'
import { HEADER_TEXT, isServerUrl, isWellFormed, quote } from './lib/text.js'
import { LATENCY_MODES, parseLatencyMode } from './scenarios/latency-mode.js'
import type { Scenario } from './scenarios/schema.js'
import { DEFAULT_STRICTNESS, parseStrictness, STRICTNESS_FORM, type Strictness } from './verdict/levels.js'

/** The options of a sandbox in-process; the command line and the environment have the same ones. */
export interface Options {
  /** A fixture file, a folder of them, or the fixtures themselves. Default: the shipped ones. */
  fixtures?: string | Fixtures
  /** The name of a shipped scenario, a file, or the scenario itself. Default: `published-latency`. */
  scenario?: string | Scenario
  /** Every random choice follows from it. A whole number; default 1. */
  seed?: number
  /** `real`, or an ISO time at which the clock stands until advanced. */
  clock?: string
  /** `real`, `off`, `virtual` (delays are drawn and reported, but not waited for), `clock` (waits for a frozen clock), or a factor on every wait. */
  latency?: 'real' | 'off' | 'virtual' | 'clock' | number
  /** A folder in which state survives; without one it lives in memory. */
  data?: string
  /** Fixtures and scenario are read again when their files change. */
  watch?: boolean
  /** PEM files of a certificate and its key: `listen` then serves HTTPS. */
  tlsCert?: string
  tlsKey?: string
  /** Where clients reach the sandbox, such as `https://sandbox.example.com/wallets`: addresses in answers begin with it. */
  publicUrl?: string
  /** `X-Forwarded-Proto` and `X-Forwarded-Host` say where clients reach the sandbox. Default false. */
  trustProxy?: boolean
  /** Header rules become errors. */
  strict?: boolean
  /** `detailed` fills the bodies that the vendor publishes as `{}`. */
  errorBodies?: 'published' | 'detailed'
  /** Life of a one-time token: milliseconds or text such as `"15m"`, the default. */
  tokenTtl?: number | string
  /** Whether 123456 is a right one-time password for every wallet. Default true. */
  testOtp?: boolean
  /** How long after its request a wallet's bank account arrives, in sandbox time: milliseconds or text. Default 0. */
  paymentMethodDelay?: number | string
  /** Merchants made by their `sandbox_…` keys, at most. Default 1000. */
  maxMerchants?: number
  /** Calls kept per merchant. Default 10000. */
  journalSize?: number
  /** Origins whose web pages may call the vendors, with commas between them, or `*`. Default: none. */
  cors?: string
  /** Hosts beyond private addresses that events may be sent to, with commas between them, or `*`. Default: none. */
  webhookHosts?: string
  /** A report of `wallet-sandbox verify`: what it confirmed is graded `observed` with its date. */
  verified?: string
  /** Levels of the verdict's rules, such as `"retries-in-step=fail,routing-id-missing=off"`. */
  verdict?: string
  /** Required as `Authorization: Bearer TOKEN` by the control API over a socket. Default: none. */
  controlToken?: string
  /** A line per call on standard output. In-process the default is `silent`. */
  log?: LogFormat
}

/** How a setting is written, and what its text means. */
interface Form<Value> {
  /** What stands for the value in `--help`; none for a switch. */
  readonly value?: string
  readonly fallback: string
  readonly meaning: string
  readonly allowed: string
  /** What is allowed of an option in code, where that is more than text. */
  readonly allowedInCode?: string
  /** Undefined when the value is not allowed. */
  parse(given: unknown): Value | undefined
}

/** @typeParam Initial the type of the default */
export interface Setting<Value, Initial = Value | undefined> extends Form<Value> {
  readonly initial: Initial
}

/** A setting whose fallback is one of its values. */
export const setting = <Value>(form: Form<Value>): Setting<Value, Value> => ({
  ...form,
  initial: form.parse(form.fallback)!,
})

/** A setting whose fallback describes what happens without a value. */
export const optional = <Value>(form: Form<Value>): Setting<Value, undefined> => ({ ...form, initial: undefined })

export const wholeNumber = (least: number, most: number) => (given: unknown) => {
  const number = typeof given === 'string' && /^-?\d+$/.test(given) ? Number(given) : given
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= least && number <= most
    ? number
    : undefined
}

export const anyText = (given: unknown) =>
  typeof given === 'string' && given !== '' && isWellFormed(given) ? given : undefined

/** A delay that ends while a date can still be printed. */
const DELAY = [0, 31_536_000_000, 'at most "365d"'] as const

/** A time within bounds, in ms. @param bound the longest, in words */
export const duration = (fallback: string, meaning: string, [least, most, bound]: readonly [number, number, string]) =>
  setting({
    value: 'DURATION',
    fallback,
    meaning,
    allowed: `${DURATION_TEXT}${least > 0 ? '' : ', or "0"'}, ${bound}`,
    allowedInCode: `${DURATION_FORM}, ${bound}`,
    parse: (given) => {
      const ms = typeof given === 'number' || typeof given === 'string' ? parseDuration(given) : undefined
      return ms !== undefined && ms >= least && ms <= most ? ms : undefined
    },
  })

export const number = (fallback: string, meaning: string, least: number, most: number) => {
  const allowed = `a whole number from ${least} to ${most}`
  return setting({ value: 'N', fallback, meaning, allowed, parse: wholeNumber(least, most) })
}

/** A text without a default. @param fallback what happens without one */
export const text = (value: string, meaning: string, allowed: string, fallback = 'none') =>
  optional({ value, fallback, meaning, allowed, parse: anyText })

/** One of some words, but for its fallback. */
export const oneOf = <const Words extends readonly string[]>(words: Words, meaning: string) => ({
  value: words.join('|'),
  meaning,
  allowed: words
    .map(quote)
    .join(', ')
    .replace(/, (?=\S+$)/, ' or '),
  parse: (given: unknown): Words[number] | undefined => words.find((known) => known === given),
})

/** Names with commas between them, or a list of them in code. */
export const list = (meaning: string, allowed: string) =>
  optional({ value: 'NAMES', fallback: 'all', meaning, allowed, parse: parseNames })

export const onOff = (meaning: string) =>
  setting({ fallback: 'off', meaning, allowed: 'true or false', parse: parseSwitch })

/** Every setting there is: flags, variables, `--help` and the README's table follow from this and its names. */
export const SETTINGS = {
  port: number('8080', 'Port to listen on; 0 picks a free one', 0, 65_535),
  host: setting({
    value: 'HOST',
    fallback: '127.0.0.1',
    meaning: 'Address to listen on',
    allowed: 'a host name or address',
    parse: anyText,
  }),
  urlFile: text('FILE', 'File that holds the URL while the sandbox listens', 'a file'),
  fixtures: optional({
    value: 'PATH',
    fallback: 'the shipped fixtures',
    meaning: 'Fixture file of JSON or YAML, or a folder of them',
    allowed: 'a file or folder',
    parse: (given) => (typeof given === 'object' && given !== null ? (given as Fixtures) : anyText(given)),
  }),
  scenario: setting({
    value: 'NAME|PATH',
    fallback: 'published-latency',
    meaning: 'A shipped scenario, or a file',
    allowed: 'the name of a shipped scenario, or a file',
    parse: (given) => (typeof given === 'object' && given !== null ? (given as Scenario) : anyText(given)),
  }),
  seed: setting({
    value: 'N',
    fallback: '1',
    meaning: 'Every random choice follows from it',
    allowed: 'a whole number',
    parse: wholeNumber(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  }),
  clock: setting({
    value: 'real|TIME',
    fallback: 'real',
    meaning: 'An ISO time freezes the clock there until it is advanced',
    allowed: `"real", or ${CLOCK_FORM}`,
    parse: (given): number | null | undefined => (given === 'real' ? null : parseTime(given)),
  }),
  latency: setting({
    value: 'MODE',
    fallback: 'real',
    meaning:
      '`off`; `virtual`: drawn and reported, but not waited for; `clock`: waits for a frozen clock; or a factor such as 0.1',
    allowed: LATENCY_MODES,
    parse: parseLatencyMode,
  }),
  data: text(
    'FOLDER',
    'Folder in which state survives a restart',
    'a folder, which is made if it is not there',
    'memory',
  ),
  strict: onOff('Header rules become errors'),
  errorBodies: setting({
    ...oneOf(['published', 'detailed'], '`detailed` fills the error bodies that the vendor publishes as {}'),
    fallback: 'published',
  }),
  tokenTtl: duration('15m', 'Life of a one-time token', DELAY),
  paymentMethodDelay: duration('0', 'Sandbox time until the bank account that was asked for arrives', DELAY),
  testOtp: setting({
    value: 'on|off',
    fallback: 'on',
    meaning: '`on`: 123456 is a right one-time password for every wallet',
    allowed: '"on" or "off"',
    parse: parseSwitch,
  }),
  maxMerchants: number('1000', 'Merchants made by their sandbox_… keys, at most', 1, 1_000_000),
  journalSize: number('10000', 'Calls kept per merchant, at most', 0, 10_000_000),
  tlsCert: text('FILE', 'Certificate (PEM), for HTTPS', 'a PEM file with a certificate'),
  tlsKey: text('FILE', 'Private key (PEM) of the certificate', 'a PEM file with a private key'),
  publicUrl: optional({
    value: 'URL',
    fallback: 'none',
    meaning: 'Where clients reach the sandbox through a proxy; addresses in answers begin with it',
    allowed: 'the URL of a server, such as https://sandbox.example.com/wallets, without a query',
    parse: (given) => (isServerUrl(given) ? new URL(given).href.replace(/\/+$/, '') : undefined),
  }),
  trustProxy: onOff('X-Forwarded-Proto and X-Forwarded-Host say where clients reach the sandbox; --public-url wins'),
  watch: onOff('Read fixtures and scenario again when their files change'),
  cors: setting({
    value: 'ORIGINS',
    fallback: 'none',
    meaning: 'Origins whose web pages may call the vendors, with commas between them, or *',
    allowed: '"none", "*", or origins such as http://localhost:3000 with commas between them',
    parse: (given) => partsOrNone(given, (one) => one === '*' || (URL.canParse(one) && new URL(one).origin === one)),
  }),
  webhookHosts: setting({
    value: 'HOSTS',
    fallback: 'none',
    meaning: 'Hosts beyond private addresses that events may be sent to, with commas between them, or *',
    allowed: '"none", "*", or hosts such as hooks.example.com with commas between them',
    parse: (given) => partsOrNone(given, (one) => /^(\*|[\w.:-]+)$/.test(one))?.map((one) => one.toLowerCase()),
  }),
  verified: text('FILE', 'A report of verify: what it confirmed is graded as observed, with its date', 'a file'),
  verdict: setting({
    value: 'LEVELS',
    fallback: 'default',
    meaning: "Levels of the verdict's rules, such as retries-in-step=fail,routing-id-missing=off",
    allowed: STRICTNESS_FORM,
    parse: (given): Strictness | undefined => {
      const strictness =
        given === 'default' ? DEFAULT_STRICTNESS : parseStrictness(typeof given === 'string' ? given : '')
      return typeof strictness === 'string' ? undefined : strictness
    },
  }),
  controlToken: optional({
    value: 'TOKEN',
    fallback: 'none',
    meaning: 'Required by the control API: Authorization: Bearer TOKEN',
    allowed: 'printable ASCII characters without a blank at either end',
    parse: (given) => (typeof given === 'string' && new RegExp(`^${HEADER_TEXT}$`).test(given) ? given : undefined),
  }),
  log: optional({
    ...oneOf(['pretty', 'json', 'silent'], 'A line per call on standard output'),
    fallback: '`pretty` on a terminal, else `json`',
  }),
} as const

export type SettingName = keyof typeof SETTINGS

export const NAMES = Object.keys(SETTINGS) as SettingName[]

type ValueOf<Some> = Some extends Setting<infer Value, infer Initial> ? Value | Initial : never

/** Settings as they hold, whether they were given or not. */
export type Settled<Table> = Sparse<{ [Name in keyof Table]: ValueOf<Table[Name]> }>

export type Settings = Settled<typeof SETTINGS>

export const omit = <Some extends Table, Name extends string>(table: Some, ...names: Name[]) =>
  Object.fromEntries(Object.entries(table).filter(([name]) => !names.includes(name as Name))) as Omit<Some, Name>

/** `listen()` takes where to listen. */
const OPTIONS = omit(SETTINGS, 'port', 'host', 'urlFile')

/** What a sandbox is made of. */
export type ResolvedOptions = Omit<Settled<typeof OPTIONS>, 'log'> & {
  readonly log: LogFormat
  /** Whether the log has the colours of a terminal. */
  readonly colour?: boolean
}

/** A value as it was given, and what a sentence calls it. */
interface WrittenValue {
  readonly as: string
  readonly value: unknown
  readonly allowed: string
}

export type Table = Readonly<Record<string, Setting<unknown>>>

/** Parses what was given and fills in the rest. @throws InputError naming every value that is not allowed */
function settle<Some extends Table>(table: Some, givenOf: (name: string) => WrittenValue | undefined): Settled<Some> {
  const faults: string[] = []
  const values = Object.entries(table).flatMap(([name, { initial, parse }]) => {
    const given = givenOf(name)
    const value = given === undefined ? initial : parse(given.value)
    if (value !== undefined) return [[name, value] as const]
    if (given) faults.push(`${given.as} is ${quote(given.value)}; allowed: ${given.allowed}`)
    return []
  })
  if (faults.length > 0) throw new InputError(faults)
  return Object.fromEntries(values) as Settled<Some>
}

/** The same of options in code. @throws InputError naming every option that is not allowed */
export const settleOptions = <Some extends Table>(table: Some, options: object): Settled<Some> =>
  settle(table, (name) => {
    const value = (options as Readonly<Record<string, unknown>>)[name]
    const { allowed, allowedInCode = allowed } = table[name]!
    return value === undefined ? undefined : { as: `options.${name}:`, value, allowed: allowedInCode }
  })

/** The options of these names that a caller gave, read once. @throws InputError naming each other one */
export const optionsOf = <Given extends object>(given: Given, names: readonly string[]): Given =>
  givenOptions(given, 'options', Object.fromEntries(names.map((name) => [name, 'any'])) as Kinds<Given>)

/** @throws InputError naming every option that is not allowed. */
export const resolveOptions = (given: Options): ResolvedOptions => ({
  log: 'silent',
  ...settleOptions(OPTIONS, optionsOf(given, Object.keys(OPTIONS))),
})

/** What was written on the command line or in the environment. Values are still text. */
export type Written = Partial<Record<string, string | boolean>>

const PREFIX = 'WALLET_SANDBOX_'

/** `--token-ttl` of `tokenTtl` */
export const flagOf = (name: string) => `--${name.replace(/[A-Z]/g, '-$&').toLowerCase()}`

/** `WALLET_SANDBOX_TOKEN_TTL` of `tokenTtl` */
export const variableOf = (name: SettingName) => `${PREFIX}${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`

/** What clients and helpers of tests read. */
const OF_CLIENTS: ReadonlySet<string> = new Set(['KEY', 'CAPSULES', 'BIN'].map((name) => `${PREFIX}${name}`))

/** Edits that a slip of the pen makes of a variable's name. */
const MAX_SLIPS = 2

/** The address that Kubernetes puts in for a service named wallet-sandbox, and Docker for a link of that name. */
const isInjectedPort = (name: SettingName, value: string) => name === 'port' && /^(tcp|udp|sctp):\/\//.test(value)

/** Settings from the environment. @param report is told of those ignored @throws InputError for names nearly ours */
export function readEnvironment(environment = process.env, report: (sentence: string) => unknown = () => {}): Written {
  const names = new Map(NAMES.map((name) => [variableOf(name), name]))
  const written: Written = {}
  const faults: string[] = []
  const ignored: string[] = []
  for (const [variable, value] of Object.entries(environment)) {
    if (!variable.startsWith(PREFIX) || value === undefined || value === '' || OF_CLIENTS.has(variable)) continue
    const name = names.get(variable)
    if (name !== undefined && !isInjectedPort(name, value)) written[name] = value
    else if (name === undefined && nearest(variable, names.keys(), MAX_SLIPS) !== undefined)
      faults.push(`unknown variable ${variable}.${didYouMean(variable, names.keys())}`)
    else ignored.push(variable)
  }
  if (faults.length > 0) throw new InputError(faults)
  if (ignored.length > 0)
    report(`warning: ignored, because they are not settings of the sandbox: ${ignored.join(', ')}`)
  return written
}

/** The environment of a command that is started, with variables of its own. */
export const environmentWith = (own: Readonly<Record<string, string>>) => ({ ...process.env, ...own })

/** The file that GitHub shows beside a job. */
export const jobSummaryFile = () => process.env.GITHUB_STEP_SUMMARY || undefined

/** Where helpers of tests put the capsules of tests that fail. */
export const capsulesFolder = ({ WALLET_SANDBOX_CAPSULES: given = '' } = process.env) =>
  resolve(given === '' ? join(tmpdir(), 'wallet-sandbox-capsules') : given)

/** Whether the environment lets a terminal have colours: see no-color.org. */
export const allowsColour = ({ NO_COLOR = '', TERM } = process.env) => NO_COLOR === '' && TERM !== 'dumb'

/** @throws InputError naming flags and variables as the user wrote them. */
export const readSettings = <Some extends Table>(table: Some, flags: Written, environment: Written): Settled<Some> =>
  settle(table, (name) => {
    const value = flags[name] ?? environment[name]
    if (value === undefined) return undefined
    const as = flags[name] === undefined ? variableOf(name as SettingName) : flagOf(name)
    return { as, value, allowed: table[name]!.allowed }
  })

/** `none`, or parts with commas between them, each of which is allowed. */
function partsOrNone(given: unknown, isAllowed: (part: string) => boolean): readonly string[] | undefined {
  if (given === 'none') return []
  const parts = typeof given === 'string' ? given.split(',').map((part) => part.trim()) : ['']
  return parts.every(isAllowed) ? parts : undefined
}

function parseNames(given: unknown): readonly string[] | undefined {
  const names = typeof given === 'string' ? given.split(',').map((name) => name.trim()) : given
  return Array.isArray(names) && names.length > 0 && names.every(anyText) ? names : undefined
}

function parseSwitch(given: unknown): boolean | undefined {
  if (given === true || given === 'true' || given === '1' || given === 'on') return true
  if (given === false || given === 'false' || given === '0' || given === 'off') return false
  return undefined
}
