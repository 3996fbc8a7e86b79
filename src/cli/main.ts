import type { RequestOptions } from 'node:https'
import { type ParseArgsConfig, parseArgs } from 'node:util'
import {
  checkWritten,
  readEnvironment,
  SETTINGS,
  type Setting,
  type SettingName,
  variableOf,
  type Written,
  wholeNumber,
} from '../config.js'
import { didYouMean } from '../lib/did-you-mean.js'
import { InputError } from '../lib/errors.js'
import { VERSION } from '../lib/version.js'

/** Where a command writes; a test brings its own. */
export interface Streams {
  out(line: string): void
  err(line: string): void
  isTerminal: boolean
}

const STANDARD: Streams = {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
  isTerminal: process.stdout.isTTY === true,
}

interface Invocation {
  readonly operands: readonly string[]
  /** Every flag as it was written, those too that only this command has. */
  readonly values: Values
  readonly flags: Written
  readonly streams: Streams
}

interface Command {
  readonly usage: string
  readonly meaning: string
  /** Flags that only this command has. */
  readonly flags?: readonly Setting<unknown>[]
  run(invocation: Invocation): Promise<number>
}

const CUSTOMERS = {
  flag: '--customers',
  value: 'N',
  fallback: '10',
  meaning: 'Customers to make',
  allowed: 'a whole number from 1 to 100000',
  parse: wholeNumber(1, 100_000),
} as const

const COMMANDS: Readonly<Record<string, Command>> = {
  start: { usage: 'start', meaning: 'Serve the sandbox; the default', run: start },
  validate: { usage: 'validate FILE…', meaning: 'Check fixture and scenario files', run: validate },
  generate: {
    usage: 'generate --customers N --seed S',
    meaning: 'Print fixtures made of Indian names and numbers',
    flags: [CUSTOMERS],
    run: generate,
  },
  scenarios: { usage: 'scenarios', meaning: 'List the scenarios that come with the sandbox', run: scenarios },
  healthcheck: { usage: 'healthcheck', meaning: 'Exit 0 when the server answers', run: healthcheck },
}

/** Exit statuses: 0 well, 1 the thing asked about is not well, 2 the command line is not. */
export async function main(argv: readonly string[], streams: Streams = STANDARD): Promise<number> {
  try {
    const { values, positionals } = parse(argv)
    if (values.help) {
      streams.out(help())
      return 0
    }
    if (values.version) {
      streams.out(VERSION)
      return 0
    }
    const [name = 'start', ...operands] = positionals
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name]! : undefined
    if (command === undefined)
      throw new InputError(
        `"${name}" is no command.${didYouMean(name, Object.keys(COMMANDS))} Commands: ${Object.keys(COMMANDS).join(', ')}`,
      )
    refuseForeignFlags(values, name)
    return await command.run({ operands, values, flags: flagsOf(values), streams })
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    for (const line of error.lines) streams.err(`wallet-sandbox: ${line}`)
    return 2
  }
}

/** Every flag there is, whatever the command. */
const ALL_FLAGS: readonly Setting<unknown>[] = [
  ...Object.values(SETTINGS),
  ...Object.values(COMMANDS).flatMap(({ flags = [] }) => flags),
]

type Values = Record<string, string | boolean | undefined>

function parse(argv: readonly string[]): { values: Values; positionals: string[] } {
  const options: NonNullable<ParseArgsConfig['options']> = {
    help: { type: 'boolean', short: 'h' },
    version: { type: 'boolean', short: 'v' },
  }
  for (const setting of ALL_FLAGS) options[setting.flag.slice(2)] = { type: 'value' in setting ? 'string' : 'boolean' }
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, tokens: true })
  const values: Values = {}
  const positionals: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind !== 'option') continue
    const known = options[token.name]
    if (known === undefined) throw new InputError(unknownFlag(token.rawName, Object.keys(options)))
    const missing =
      known.type === 'string' && (token.value === undefined || (!token.inlineValue && token.value.startsWith('--')))
    if (missing) throw new InputError(`${token.rawName} needs a value; allowed: ${allowedFor(token.name)}`)
    if (known.type === 'boolean' && token.value !== undefined)
      throw new InputError(`${token.rawName} takes no value; allowed: ${token.rawName} alone`)
    values[token.name] = token.value ?? true
  }
  return { values, positionals }
}

const nameOf = (flag: string) =>
  (Object.keys(SETTINGS) as SettingName[]).find((name) => SETTINGS[name].flag === `--${flag}`)

const allowedFor = (flag: string) => ALL_FLAGS.find((setting) => setting.flag === `--${flag}`)!.allowed

function unknownFlag(given: string, flags: readonly string[]): string {
  const all = flags.map((flag) => `--${flag}`)
  return `${given} is no flag.${didYouMean(given, all)} Flags: ${all.join(', ')}`
}

function flagsOf(values: Values): Written {
  const flags: Written = {}
  for (const [flag, value] of Object.entries(values)) {
    const name = nameOf(flag)
    if (name !== undefined && value !== undefined) flags[name] = value
  }
  return flags
}

function refuseForeignFlags(values: Values, name: string): void {
  for (const [owner, { flags = [] }] of Object.entries(COMMANDS))
    for (const { flag } of flags)
      if (owner !== name && values[flag.slice(2)] !== undefined)
        throw new InputError(`${flag} is no flag of ${name}; allowed: ${owner} ${flag}`)
}

const written = ({ flag, value }: Setting<unknown>) => (value === undefined ? flag : `${flag} ${value}`).padEnd(38)

function help(): string {
  const rows = (Object.keys(SETTINGS) as SettingName[]).map((name) => {
    const setting = SETTINGS[name]
    return `  ${written(setting)}${setting.meaning} (${setting.fallback})\n  ${' '.repeat(38)}${variableOf(name)}`
  })
  return [
    'wallet-sandbox: wallet APIs on your machine, slow, broken and repeatable on demand.',
    '',
    'Usage: wallet-sandbox [command] [flags]',
    '',
    'Commands:',
    ...Object.values(COMMANDS).map(({ usage, meaning }) => `  ${usage.padEnd(38)}${meaning}`),
    '',
    'Flags (each with its environment variable; a flag beats the variable):',
    ...rows,
    `  ${'--help'.padEnd(38)}Show this`,
    `  ${'--version'.padEnd(38)}Show the version`,
  ].join('\n')
}

function noOperands(command: string, operands: readonly string[]): void {
  if (operands.length > 0)
    throw new InputError(`${command} takes no operand, but "${operands[0]}" is given; allowed: flags alone`)
}

async function start({ operands, flags, streams }: Invocation): Promise<number> {
  noOperands('start', operands)
  const { port, host, log, ...written } = checkWritten(flags, readEnvironment())
  const [{ createSandbox }, { isLoopback }] = await Promise.all([
    import('../sandbox.js'),
    import('../control/guard.js'),
  ])
  const sandbox = await createSandbox({ ...valuesOf(written), log: formatOf(log, streams) })
  const stopped = stopSignal()
  const url = await sandbox.listen({
    port: Number(port ?? SETTINGS.port.fallback),
    host: String(host ?? SETTINGS.host.fallback),
  })
  streams.out(`wallet-sandbox listening on ${url}`)
  if (written.controlToken === undefined && !isLoopback(String(host ?? SETTINGS.host.fallback)))
    streams.err(
      `wallet-sandbox: warning: ${url} is open to other machines, and so is its control API; set --control-token to close it`,
    )
  await stopped
  await sandbox.close()
  return 0
}

const formatOf = (log: string | boolean | undefined, { isTerminal }: Streams) =>
  SETTINGS.log.parse(log) ?? (isTerminal ? 'pretty' : 'json')

/** Options for a sandbox from checked text: resolving reads text as well as values. */
function valuesOf(written: Written): object {
  return Object.fromEntries(Object.entries(written).filter(([, value]) => value !== undefined))
}

/** Resolves at the first SIGTERM or SIGINT. A second one ends the process as it does by default. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      process.off('SIGTERM', stop)
      process.off('SIGINT', stop)
      resolve()
    }
    process.on('SIGTERM', stop)
    process.on('SIGINT', stop)
  })
}

async function validate({ operands, streams }: Invocation): Promise<number> {
  if (operands.length === 0) throw new InputError('validate needs a file; allowed: validate FILE…')
  const { validateFile } = await import('./validate.js')
  let faulty = false
  for (const file of operands) {
    const { faults, notes } = await validateFile(file)
    for (const fault of faults) streams.err(fault)
    for (const note of notes) streams.out(note)
    faulty ||= faults.length > 0
  }
  return faulty ? 1 : 0
}

async function generate({ operands, values, flags, streams }: Invocation): Promise<number> {
  noOperands('generate', operands)
  const { seed = SETTINGS.seed.fallback } = checkWritten(flags, readEnvironment())
  const given = values.customers ?? CUSTOMERS.fallback
  const customers = CUSTOMERS.parse(given)
  if (customers === undefined)
    throw new InputError(`${CUSTOMERS.flag} is ${JSON.stringify(given)}; allowed: ${CUSTOMERS.allowed}`)
  const { generate } = await import('../fixtures/generate.js')
  streams.out(JSON.stringify(generate(customers, SETTINGS.seed.parse(seed)!), null, 2))
  return 0
}

async function scenarios({ operands, streams }: Invocation): Promise<number> {
  noOperands('scenarios', operands)
  const { readScenario, shippedScenarios } = await import('../scenarios/read.js')
  const names = shippedScenarios()
  const width = Math.max(...names.map((name) => name.length)) + 2
  for (const name of names) {
    const { description = '' } = await readScenario(name)
    streams.out(`${name.padEnd(width)}${firstSentence(description)}`)
  }
  return 0
}

const firstSentence = (text: string) => /^.*?[.!?](?=\s|$)/s.exec(text)?.[0] ?? text

/** How long a server may take to answer, in ms. */
const HEALTH_TIMEOUT_MS = 2000

async function healthcheck({ operands, flags, streams }: Invocation): Promise<number> {
  noOperands('healthcheck', operands)
  const written = checkWritten(flags, readEnvironment())
  const { port = SETTINGS.port.fallback, host = SETTINGS.host.fallback, tlsCert } = written
  const reachable =
    host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : String(host).includes(':') ? `[${host}]` : host
  const url = `${tlsCert === undefined ? 'http' : 'https'}://${reachable}:${port}/_sandbox/health`
  try {
    const status = await statusOf(url)
    if (status === 200) return 0
    streams.err(`wallet-sandbox: ${url} answered ${status}, not 200`)
  } catch {
    streams.err(`wallet-sandbox: nothing answers at ${url}`)
  }
  return 1
}

/** The status a URL answers with. Whose certificate it is does not matter here: it may be named for another host. */
async function statusOf(url: string): Promise<number | undefined> {
  const { get } = url.startsWith('https:') ? await import('node:https') : await import('node:http')
  const signal = AbortSignal.timeout(HEALTH_TIMEOUT_MS)
  return new Promise((resolve, reject) => {
    get(url, { signal, rejectUnauthorized: false } as RequestOptions, (response) => {
      response.resume()
      resolve(response.statusCode)
    }).on('error', reject)
  })
}
