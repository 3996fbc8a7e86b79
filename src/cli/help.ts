import { NAMES, SETTINGS, type Setting, variableOf } from '../config.js'
import type { Command } from './command.js'
import { flagsOf, isSetting } from './flags.js'

const WIDTH = 38

const nameOf = ({ flag, value }: Setting<unknown>) => (value === undefined ? flag : `${flag} ${value}`)

const row = (left: string, right: string) => `  ${left.padEnd(WIDTH)}${right}`

/** @param name a command, of which alone the help is; left out for all */
export function helpText(commands: Readonly<Record<string, Command>>, name = ''): string {
  const all = Object.values(commands)
  const meant = Object.hasOwn(commands, name) ? commands[name] : undefined
  const isShown = (flag: Setting<unknown>) => meant === undefined || flagsOf(meant).includes(flag)
  const own = all.flatMap(flagsOf).filter((flag) => !isSetting(flag))
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
      return [row(nameOf(SETTINGS[name]), `${meaning} (${without})`), row('', variableOf(name))]
    }),
    ...Array.from(new Set(own.filter(isShown)), (flag) => {
      const owners = all.filter((command) => flagsOf(command).includes(flag)).map(({ usage }) => usage.split(' ', 1))
      return row(nameOf(flag), `${flag.meaning}, of ${owners.join(' and ')} alone (${flag.fallback})`)
    }),
    row('--help', 'Show this'),
    row('--version', 'Show the version'),
  ].join('\n')
}
