import type { LatencyMode } from './api/call.js'
import type { Fixtures } from './fixtures/schema.js'
import type { LogFormat } from './journal/log.js'
import { parseClock } from './lib/clock.js'
import { DURATION_FORM, parseDuration } from './lib/duration.js'
import { InputError } from './lib/errors.js'
import type { Scenario } from './scenarios/schema.js'

/** What a sandbox can be told, in-process; the command line and the environment say the same things. */
export interface Options {
  /** A fixture file, a folder of them, or the fixtures themselves. Default: the shipped ones. */
  fixtures?: string | Fixtures
  /** The name of a shipped scenario, a file, or the scenario itself. Default: `published-latency`. */
  scenario?: string | Scenario
  /** Every random choice follows from it. A whole number; default 1. */
  seed?: number
  /** `real`, or an ISO time at which the clock stands until advanced. */
  clock?: string
  /** `real`, `off`, `virtual` (delays are drawn and reported, nobody waits), or a factor on every wait. */
  latency?: 'real' | 'off' | 'virtual' | number
  /** A folder in which state survives; without one it lives in memory. */
  data?: string
  /** Fixtures and scenario are read again when their files change. */
  watch?: boolean
  /** PEM files of a certificate and its key: `listen` then serves HTTPS. */
  tlsCert?: string
  tlsKey?: string
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
  /** Exchanges kept per merchant. Default 10000. */
  journalSize?: number
  /** Required as `Authorization: Bearer TOKEN` by the control API over a socket. Default: none. */
  controlToken?: string
  /** A line per call on standard output. In-process the default is `silent`. */
  log?: LogFormat
}

/** One setting: how it is written, and what its text means. */
export interface Setting<Value> {
  readonly flag: string
  /** What stands for the value in `--help`; none for a switch. */
  readonly value?: string
  readonly fallback: string
  readonly meaning: string
  readonly allowed: string
  /** Undefined when the value is not allowed. */
  parse(given: unknown): Value | undefined
}

export const wholeNumber = (least: number, most: number) => (given: unknown) => {
  const number = typeof given === 'string' && /^-?\d+$/.test(given) ? Number(given) : given
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= least && number <= most
    ? number
    : undefined
}

const choice =
  <const Choices extends readonly string[]>(choices: Choices) =>
  (given: unknown): Choices[number] | undefined =>
    choices.find((known) => known === given)

const anyText = (given: unknown) => (typeof given === 'string' && given !== '' ? given : undefined)

const anyDuration = (given: unknown) =>
  typeof given === 'number' || typeof given === 'string' ? parseDuration(given) : undefined

/** A delay that ends while a date can still be printed. */
const LONGEST_DELAY_MS = 31_536_000_000

const setting = <Value>(given: Setting<Value>): Setting<Value> => given

/** Every setting there is: flags, variables, `--help` and the README's table follow from this. */
export const SETTINGS = {
  port: setting({
    flag: '--port',
    value: 'N',
    fallback: '8080',
    meaning: 'Port to listen on; 0 picks a free one',
    allowed: 'a whole number from 0 to 65535',
    parse: wholeNumber(0, 65_535),
  }),
  host: setting({
    flag: '--host',
    value: 'HOST',
    fallback: '127.0.0.1',
    meaning: 'Address to listen on',
    allowed: 'a host name or address',
    parse: anyText,
  }),
  fixtures: setting({
    flag: '--fixtures',
    value: 'PATH',
    fallback: 'the shipped fixtures',
    meaning: 'Fixture file, or folder of JSON files',
    allowed: 'a file or folder',
    parse: (given) => (typeof given === 'object' && given !== null ? (given as Fixtures) : anyText(given)),
  }),
  scenario: setting({
    flag: '--scenario',
    value: 'NAME|PATH',
    fallback: 'published-latency',
    meaning: 'A shipped scenario, or a file',
    allowed: 'the name of a shipped scenario, or a file',
    parse: (given) => (typeof given === 'object' && given !== null ? (given as Scenario) : anyText(given)),
  }),
  seed: setting({
    flag: '--seed',
    value: 'N',
    fallback: '1',
    meaning: 'Every random choice follows from it',
    allowed: 'a whole number',
    parse: wholeNumber(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  }),
  clock: setting({
    flag: '--clock',
    value: 'real|TIME',
    fallback: 'real',
    meaning: 'An ISO time freezes the clock there until it is advanced',
    allowed: '"real", or a time such as 2023-09-11T08:30:00Z',
    parse: parseClock,
  }),
  latency: setting({
    flag: '--latency',
    value: 'MODE',
    fallback: 'real',
    meaning: '`off`; `virtual`: drawn and reported, nobody waits; or a factor such as 0.1',
    allowed: '"real", "off", "virtual", or a factor from 0 such as 0.1',
    parse: parseLatency,
  }),
  data: setting({
    flag: '--data',
    value: 'FOLDER',
    fallback: 'memory',
    meaning: 'Folder in which state survives a restart',
    allowed: 'a folder, which is made if it is not there',
    parse: anyText,
  }),
  strict: setting({
    flag: '--strict',
    fallback: 'off',
    meaning: 'Header rules become errors',
    allowed: 'true or false',
    parse: parseSwitch,
  }),
  errorBodies: setting({
    flag: '--error-bodies',
    value: 'published|detailed',
    fallback: 'published',
    meaning: '`detailed` fills the error bodies that the vendor publishes as {}',
    allowed: '"published" or "detailed"',
    parse: choice(['published', 'detailed']),
  }),
  tokenTtl: setting({
    flag: '--token-ttl',
    value: 'DURATION',
    fallback: '15m',
    meaning: 'Life of a one-time token',
    allowed: DURATION_FORM,
    parse: anyDuration,
  }),
  paymentMethodDelay: setting({
    flag: '--payment-method-delay',
    value: 'DURATION',
    fallback: '0',
    meaning: 'Sandbox time until the bank account that was asked for arrives',
    allowed: `${DURATION_FORM}, at most "365d"`,
    parse: (given) => {
      const delay = anyDuration(given)
      return delay !== undefined && delay <= LONGEST_DELAY_MS ? delay : undefined
    },
  }),
  testOtp: setting({
    flag: '--test-otp',
    value: 'on|off',
    fallback: 'on',
    meaning: '`on`: 123456 is a right one-time password for every wallet',
    allowed: '"on" or "off"',
    parse: parseSwitch,
  }),
  maxMerchants: setting({
    flag: '--max-merchants',
    value: 'N',
    fallback: '1000',
    meaning: 'Merchants made by their sandbox_… keys, at most',
    allowed: 'a whole number from 1',
    parse: wholeNumber(1, 1_000_000),
  }),
  journalSize: setting({
    flag: '--journal-size',
    value: 'N',
    fallback: '10000',
    meaning: 'Exchanges kept per merchant, at most',
    allowed: 'a whole number from 0',
    parse: wholeNumber(0, 10_000_000),
  }),
  tlsCert: setting({
    flag: '--tls-cert',
    value: 'FILE',
    fallback: 'none',
    meaning: 'Certificate (PEM), for HTTPS',
    allowed: 'a PEM file with a certificate',
    parse: anyText,
  }),
  tlsKey: setting({
    flag: '--tls-key',
    value: 'FILE',
    fallback: 'none',
    meaning: 'Private key (PEM) of the certificate',
    allowed: 'a PEM file with a private key',
    parse: anyText,
  }),
  watch: setting({
    flag: '--watch',
    fallback: 'off',
    meaning: 'Read fixtures and scenario again when their files change',
    allowed: 'true or false',
    parse: parseSwitch,
  }),
  controlToken: setting({
    flag: '--control-token',
    value: 'TOKEN',
    fallback: 'none',
    meaning: 'Required by the control API: Authorization: Bearer TOKEN',
    allowed: 'a text',
    parse: anyText,
  }),
  log: setting({
    flag: '--log',
    value: 'pretty|json|silent',
    fallback: '`pretty` on a terminal, else `json`',
    meaning: 'A line per call on standard output',
    allowed: '"pretty", "json" or "silent"',
    parse: choice(['pretty', 'json', 'silent']),
  }),
} as const

export type SettingName = keyof typeof SETTINGS
type ValueOf<Name extends SettingName> = NonNullable<ReturnType<(typeof SETTINGS)[Name]['parse']>>

/** The environment variable of a setting. */
export const variableOf = (name: SettingName) =>
  `WALLET_SANDBOX_${SETTINGS[name].flag.slice(2).replaceAll('-', '_').toUpperCase()}`

export interface ResolvedOptions {
  readonly fixtures: string | Fixtures | undefined
  readonly scenario: string | Scenario
  readonly seed: number
  /** Epoch ms at which the clock stands; null lets it run. */
  readonly clock: number | null
  readonly latency: LatencyMode
  readonly data: string | undefined
  readonly watch: boolean
  readonly tlsCert: string | undefined
  readonly tlsKey: string | undefined
  readonly strict: boolean
  readonly errorBodies: 'published' | 'detailed'
  readonly tokenTtl: number
  readonly testOtp: boolean
  readonly paymentMethodDelay: number
  readonly maxMerchants: number
  readonly journalSize: number
  readonly controlToken: string | undefined
  readonly log: LogFormat
}

/** @throws InputError naming every option that is not allowed. */
export function resolveOptions(options: Options): ResolvedOptions {
  const faults: string[] = []
  const unknown = Object.keys(options).filter((name) => !(name in SETTINGS))
  for (const name of unknown) faults.push(`options.${name}: is unknown; known: ${Object.keys(SETTINGS).join(', ')}`)
  const value = <Name extends SettingName & keyof Options>(name: Name): ValueOf<Name> | undefined => {
    const given = options[name]
    if (given === undefined) return undefined
    const parsed = SETTINGS[name].parse(given) as ValueOf<Name> | undefined
    if (parsed === undefined)
      faults.push(`options.${name}: is ${JSON.stringify(given)}; allowed: ${SETTINGS[name].allowed}`)
    return parsed
  }
  const resolved: ResolvedOptions = {
    fixtures: value('fixtures'),
    scenario: value('scenario') ?? 'published-latency',
    seed: value('seed') ?? 1,
    clock: value('clock')?.frozenAt ?? null,
    latency: value('latency') ?? { drawn: true, factor: 1 },
    data: value('data'),
    watch: value('watch') ?? false,
    tlsCert: value('tlsCert'),
    tlsKey: value('tlsKey'),
    strict: value('strict') ?? false,
    errorBodies: value('errorBodies') ?? 'published',
    tokenTtl: value('tokenTtl') ?? 900_000,
    testOtp: value('testOtp') ?? true,
    paymentMethodDelay: value('paymentMethodDelay') ?? 0,
    maxMerchants: value('maxMerchants') ?? 1000,
    journalSize: value('journalSize') ?? 10_000,
    controlToken: value('controlToken'),
    log: value('log') ?? 'silent',
  }
  if (faults.length > 0) throw new InputError(faults)
  return resolved
}

/** What was written on the command line or, where that is silent, in the environment. Values are still text. */
export type Written = Partial<Record<SettingName, string | boolean>>

/** Settings from the environment. The only reader of `process.env`. */
export function readEnvironment(environment: NodeJS.ProcessEnv = process.env): Written {
  const written: Written = {}
  for (const name of Object.keys(SETTINGS) as SettingName[]) {
    const value = environment[variableOf(name)]
    if (value !== undefined && value !== '') written[name] = value
  }
  return written
}

/** @throws InputError naming flags and variables as the user wrote them. */
export function checkWritten(flags: Written, environment: Written): Written {
  const faults: string[] = []
  for (const name of Object.keys(SETTINGS) as SettingName[]) {
    const fromFlag = flags[name] !== undefined
    const given = flags[name] ?? environment[name]
    if (given === undefined || SETTINGS[name].parse(given) !== undefined) continue
    const as = fromFlag ? SETTINGS[name].flag : variableOf(name)
    faults.push(`${as} is ${JSON.stringify(given)}; allowed: ${SETTINGS[name].allowed}`)
  }
  if (faults.length > 0) throw new InputError(faults)
  return { ...environment, ...flags }
}

function parseLatency(given: unknown): LatencyMode | undefined {
  if (given === 'real') return { drawn: true, factor: 1 }
  if (given === 'off') return { drawn: false, factor: 0 }
  if (given === 'virtual') return { drawn: true, factor: 0 }
  const factor = typeof given === 'string' && /^\d+(\.\d+)?$/.test(given) ? Number(given) : given
  return typeof factor === 'number' && Number.isFinite(factor) && factor >= 0 ? { drawn: true, factor } : undefined
}

function parseSwitch(given: unknown): boolean | undefined {
  if (given === true || given === 'true' || given === '1' || given === 'on') return true
  if (given === false || given === 'false' || given === '0' || given === 'off') return false
  return undefined
}
