import { InputError } from '../lib/errors.js'
import type { Command } from './command.js'

export const validate: Command = {
  usage: 'validate FILE…',
  meaning: 'Check fixture and scenario files',
  takesOperands: true,
  async run({ operands, streams }) {
    if (operands.length === 0) throw new InputError('validate needs a file; allowed: validate FILE…')
    const { validateFile } = await import('./validate-file.js')
    let faulty = false
    for (const file of operands) {
      const { faults, notes } = await validateFile(file)
      for (const fault of faults) await streams.err(fault)
      for (const note of notes) await streams.out(note)
      faulty ||= faults.length > 0
    }
    return faulty ? 1 : 0
  },
}
