import { InputError } from '../lib/errors.js'
import type { Command } from './command.js'

export const init: Command = {
  usage: 'init [DIR]',
  meaning: 'Write fixtures, a scenario, a test and a CI job that fit the project',
  takesOperands: true,
  async run({ operands, streams }) {
    const [folder = '.', ...more] = operands
    if (more.length > 0)
      throw new InputError(`init takes one folder, but "${more[0]}" is given as well; allowed: init [DIR]`)
    const { setUp } = await import('./set-up.js')
    for (const line of setUp(folder)) await streams.out(line)
    return 0
  },
}
