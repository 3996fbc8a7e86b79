import { meant, nearestOrAll } from '../lib/did-you-mean.js'
import { InputError } from '../lib/errors.js'
import { VERSION } from '../lib/version.js'
import type { Command, Streams } from './command.js'
import { explore } from './explore.js'
import { invocationOf, parseFlags, refuseForeignFlags } from './flags.js'
import { generate } from './generate.js'
import { healthcheck } from './healthcheck.js'
import { helpText } from './help.js'
import { init } from './init.js'
import { open } from './open.js'
import { record } from './record.js'
import { replay } from './replay.js'
import { scenarios } from './scenarios.js'
import { start } from './start.js'
import { OutputError, STANDARD } from './streams.js'
import { validate } from './validate.js'
import { verdict } from './verdict.js'
import { verify } from './verify.js'

const COMMANDS: Readonly<Record<string, Command>> = {
  start,
  init,
  validate,
  generate,
  record,
  replay,
  open,
  scenarios,
  explore,
  verdict,
  verify,
  healthcheck,
}

/** What other tools call some of them. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  serve: 'start',
  server: 'start',
  run: 'start',
  up: 'start',
  check: 'validate',
  lint: 'validate',
  list: 'scenarios',
  health: 'healthcheck',
}

/** Exit statuses: 0 fine, 1 a finding or a fault, 2 a wrong command line. */
export async function main(argv: readonly string[], streams: Streams = STANDARD): Promise<number> {
  try {
    const { values, positionals } = parseFlags(argv, COMMANDS)
    if (values.help || values.version) {
      await streams.out(values.help ? helpText(COMMANDS, positionals[0]) : VERSION)
      return 0
    }
    const [name = 'start', ...operands] = positionals
    const command = commandOf(name)
    refuseForeignFlags(values, name, COMMANDS)
    if (operands.length > 0 && !command.takesOperands)
      throw new InputError(`${name} takes no operand, but "${operands[0]}" is given; allowed: flags alone`)
    if (operands[0] === '') throw new InputError(`${name} is given an empty operand; allowed: ${command.usage}`)
    return await command.run({ operands, ...invocationOf(command, values, streams) })
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    for (const line of error.lines) await streams.err(`wallet-sandbox: ${line}`)
    return error instanceof OutputError ? 1 : 2
  }
}

function commandOf(name: string): Command {
  if (Object.hasOwn(COMMANDS, name)) return COMMANDS[name]!
  const names = Object.keys(COMMANDS)
  const other = Object.hasOwn(OTHER_NAMES, name) ? [OTHER_NAMES[name]!] : []
  throw new InputError(`unknown command "${name}".${meant(other) || nearestOrAll(name, names, 'Commands')}`)
}
