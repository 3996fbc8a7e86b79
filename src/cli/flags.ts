import { type ParseArgsConfig, parseArgs } from 'node:util'
import { SETTINGS, type Setting, type SettingName, settle, type Written } from '../config.js'
import { nearestOrAll } from '../lib/did-you-mean.js'
import { InputError } from '../lib/errors.js'
import { type Command, isRequired, type Values } from './command.js'

type Commands = Readonly<Record<string, Command>>

/** The flags that only one command has. */
export const flagsOf = ({ flags = {} }: Command): readonly Setting<unknown>[] => Object.values(flags)

/** @throws InputError naming the flag that is not known, lacks its value, or has one too many */
export function parseFlags(argv: readonly string[], commands: Commands): { values: Values; positionals: string[] } {
  const all: readonly Setting<unknown>[] = [...Object.values(SETTINGS), ...Object.values(commands).flatMap(flagsOf)]
  const settings = new Map(all.map((setting) => [setting.flag.slice(2), setting]))
  const options: NonNullable<ParseArgsConfig['options']> = {
    help: { type: 'boolean', short: 'h' },
    version: { type: 'boolean', short: 'v' },
  }
  for (const [name, { value }] of settings) options[name] = { type: value === undefined ? 'boolean' : 'string' }
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, tokens: true })
  const values: Values = {}
  const positionals: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind !== 'option') continue
    const type = Object.hasOwn(options, token.name) ? options[token.name]!.type : undefined
    if (type === undefined) throw new InputError(unknownFlag(token.rawName, Object.keys(options)))
    const missing =
      type === 'string' && (token.value === undefined || (!token.inlineValue && token.value.startsWith('--')))
    if (missing) throw new InputError(`${token.rawName} needs a value; allowed: ${settings.get(token.name)!.allowed}`)
    if (type === 'boolean' && token.value !== undefined)
      throw new InputError(`${token.rawName} takes no value; allowed: ${token.rawName} alone`)
    values[token.name] = token.value ?? true
  }
  return { values, positionals }
}

function unknownFlag(given: string, flags: readonly string[]): string {
  const all = flags.map((flag) => `--${flag}`)
  return `unknown flag ${given}.${nearestOrAll(given, all, 'Flags')}`
}

/** The flags that are settings. */
export function settingsOf(values: Values): Written {
  const written: Written = {}
  for (const name of Object.keys(SETTINGS) as SettingName[]) {
    const value = values[SETTINGS[name].flag.slice(2)]
    if (value !== undefined) written[name] = value
  }
  return written
}

/** @throws InputError naming every flag that is not allowed, or those that the command needs */
export function ownValues({ flags = {}, usage }: Command, values: Values): Record<string, unknown> {
  const own = settle(flags, (name) => {
    const { flag, allowed } = flags[name]!
    const value = values[flag.slice(2)]
    return value === undefined ? undefined : { as: flag, value, allowed }
  })
  const given = Object.entries(own).filter(([, value]) => value !== undefined)
  const needed = Object.entries(flags).filter(([, setting]) => isRequired(setting))
  if (needed.some(([name]) => own[name] === undefined))
    throw new InputError(
      `${usage.split(' ', 1)} needs ${needed.map(([, { flag }]) => flag).join(' and ')}; allowed: ${usage}`,
    )
  return Object.fromEntries(given)
}

/** @throws InputError naming a flag that only another command has */
export function refuseForeignFlags(values: Values, name: string, commands: Commands): void {
  const own = new Set(flagsOf(commands[name]!).map(({ flag }) => flag))
  for (const [owner, command] of Object.entries(commands))
    for (const { flag } of flagsOf(command))
      if (!own.has(flag) && values[flag.slice(2)] !== undefined)
        throw new InputError(`${flag} is not a flag of ${name}; allowed: ${owner} ${flag}`)
}
