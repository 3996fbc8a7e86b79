import { flagOf, NAMES, SETTINGS, type Setting, variableOf } from '../config.js'
import type { Command } from './command.js'
import { isSetting } from './flags.js'

const WIDTH = 38

const nameOf = (name: string, { value }: Setting<unknown>) => flagOf(name) + (value === undefined ? '' : ` ${value}`)

const has = ({ flags = {} }: Command, flag: Setting<unknown>) => Object.values(flags).includes(flag)

const row = (left: string, right: string) => `  ${left.padEnd(WIDTH)}${right}`

/** @param name a command, of which alone the help is; left out for all */
export function helpText(commands: Readonly<Record<string, Command>>, name = ''): string {
  const all = Object.values(commands)
  const meant = Object.hasOwn(commands, name) ? commands[name] : undefined
  const isShown = (flag: Setting<unknown>) => meant === undefined || has(meant, flag)
  const flags = new Map(all.flatMap(({ flags = {} }) => Object.entries(flags).map(([name, flag]) => [flag, name])))
  return [
    meant ? meant.meaning : 'wallet-sandbox: wallet APIs on your machine, slow, broken and repeatable on demand.',
    '',
    `Usage: wallet-sandbox ${meant ? meant.usage : '[command] [flags]'}`,
    '',
    ...(meant ? [] : ['Commands:', ...all.map(({ usage, meaning }) => row(usage, meaning)), '']),
    'Flags (some with an environment variable; a flag beats the variable):',
    ...NAMES.flatMap((name) => {
      const { meaning, fallback } = SETTINGS[name]
      if (!isShown(SETTINGS[name])) return []
      const without = meant?.defaults?.[name] ?? fallback
      return [row(nameOf(name, SETTINGS[name]), `${meaning} (${without})`), row('', variableOf(name))]
    }),
    ...Array.from(flags).flatMap(([flag, name]) => {
      if (isSetting(flag) || !isShown(flag)) return []
      const owners = all.filter((command) => has(command, flag)).map(({ usage }) => usage.split(' ', 1))
      return row(nameOf(name, flag), `${flag.meaning}, of ${owners.join(' and ')} alone (${flag.fallback})`)
    }),
    row('--help', 'Show this'),
    row('--version', 'Show the version'),
  ].join('\n')
}
