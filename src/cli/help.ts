import { SETTINGS, type Setting, type SettingName, variableOf } from '../config.js'
import type { Command } from './command.js'
import { flagsOf } from './flags.js'

const WIDTH = 38

const nameOf = ({ flag, value }: Setting<unknown>) => (value === undefined ? flag : `${flag} ${value}`)

const row = (left: string, right: string) => `  ${left.padEnd(WIDTH)}${right}`

export function helpText(commands: Readonly<Record<string, Command>>): string {
  const all = Object.values(commands)
  return [
    'wallet-sandbox: wallet APIs on your machine, slow, broken and repeatable on demand.',
    '',
    'Usage: wallet-sandbox [command] [flags]',
    '',
    'Commands:',
    ...all.map(({ usage, meaning }) => row(usage, meaning)),
    '',
    'Flags (each with its environment variable; a flag beats the variable):',
    ...(Object.keys(SETTINGS) as SettingName[]).flatMap((name) => {
      const { meaning, fallback } = SETTINGS[name]
      return [row(nameOf(SETTINGS[name]), `${meaning} (${fallback})`), row('', variableOf(name))]
    }),
    ...Array.from(new Set(all.flatMap(flagsOf)), (flag) => {
      const owners = all.filter((command) => flagsOf(command).includes(flag)).map(({ usage }) => usage.split(' ', 1))
      return row(nameOf(flag), `${flag.meaning}, of ${owners.join(' and ')} alone (${flag.fallback})`)
    }),
    row('--help', 'Show this'),
    row('--version', 'Show the version'),
  ].join('\n')
}
