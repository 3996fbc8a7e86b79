import { type ParseArgsConfig, parseArgs } from 'node:util'
import { flagOf, readSettings, SETTINGS, type Setting, type Written } from '../config.js'
import { nearestOrAll } from '../lib/did-you-mean.js'
import { InputError } from '../lib/errors.js'
import { type Command, environmentFor, isRequired, type Streams } from './command.js'

type Commands = Readonly<Record<string, Command>>

const flagsOf = ({ flags = {} }: Command) => Object.keys(flags).map(flagOf)

/** Whether a flag has a variable too. */
export const isSetting = (flag: Setting<unknown>) => Object.values<unknown>(SETTINGS).includes(flag)

/** @throws InputError naming the flag that is not known, lacks its value, or has one too many */
export function parseFlags(argv: readonly string[], commands: Commands): { values: Written; positionals: string[] } {
  const all = Object.values(commands).flatMap(({ flags = {} }) => Object.entries(flags))
  const settings = new Map(all.map(([name, setting]) => [flagOf(name).slice(2), setting]))
  const options: NonNullable<ParseArgsConfig['options']> = {
    help: { type: 'boolean', short: 'h' },
    version: { type: 'boolean', short: 'v' },
  }
  for (const [name, { value }] of settings) options[name] = { type: value === undefined ? 'boolean' : 'string' }
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, tokens: true })
  const values: Written = {}
  const positionals: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind !== 'option') continue
    const type = Object.hasOwn(options, token.name) ? options[token.name]!.type : undefined
    if (type === undefined) throw new InputError(unknownFlag(token.rawName, argv, commands))
    const missing =
      type === 'string' && (token.value === undefined || (!token.inlineValue && token.value.startsWith('--')))
    if (missing) throw new InputError(`${token.rawName} needs a value; allowed: ${settings.get(token.name)!.allowed}`)
    if (type === 'boolean' && token.value !== undefined)
      throw new InputError(`${token.rawName} takes no value; allowed: ${token.rawName} alone`)
    values[token.name] = token.value ?? true
  }
  return { values, positionals }
}

function unknownFlag(given: string, argv: readonly string[], commands: Commands): string {
  const name = argv.find((word) => Object.hasOwn(commands, word)) ?? 'start'
  const flags = [...flagsOf(commands[name]!), '--help', '--version']
  return `unknown flag ${given}.${nearestOrAll(given, flags, `Flags of ${name}`)}`
}

/** What a command is run with. @throws InputError naming every flag or variable that is not allowed, or the flags that it needs */
export function invocationOf({ flags: table = {}, usage }: Command, values: Written, streams: Streams) {
  const given = Object.keys(table).map((name) => [name, values[flagOf(name).slice(2)]])
  const flags: Written = Object.fromEntries(given.filter(([, value]) => value !== undefined))
  const environment = Object.values(table).some(isSetting) ? environmentFor(streams) : {}
  const own = readSettings(table, flags, environment)
  const needed = Object.keys(table).filter((name) => isRequired(table[name]!))
  if (needed.some((name) => own[name] === undefined))
    throw new InputError(`${usage.split(' ', 1)} needs ${needed.map(flagOf).join(' and ')}; allowed: ${usage}`)
  return { own, flags, written: { ...environment, ...flags }, streams }
}

/** @throws InputError naming a flag that only other commands have */
export function refuseForeignFlags(values: Written, name: string, commands: Commands): void {
  const own = new Set(flagsOf(commands[name]!))
  for (const [owner, command] of Object.entries(commands))
    for (const flag of flagsOf(command))
      if (!own.has(flag) && values[flag.slice(2)] !== undefined)
        throw new InputError(`${flag} is not a flag of ${name}; allowed: ${owner} ${flag}`)
}
