import { InputError } from '../lib/errors.js'
import type { Command } from './command.js'

export const replay: Command = {
  usage: 'replay CAPSULE…',
  meaning: 'Ask again what a capsule recorded, and compare the answers',
  async run({ operands, streams }) {
    if (operands.length === 0) throw new InputError('replay needs a file; allowed: replay CAPSULE…')
    const { replay } = await import('../replay/replay.js')
    let differs = false
    for (const file of operands) {
      const { requests, notes, difference } = await replay(file)
      for (const note of notes) await streams.err(`${file}: ${note}`)
      const lines = difference ?? [`${file}: ${requests} requests, every answer as recorded`]
      for (const line of lines) await streams.out(line)
      differs ||= difference !== undefined
    }
    return differs ? 1 : 0
  },
}
