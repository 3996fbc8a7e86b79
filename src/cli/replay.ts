import { type Setting, wholeNumber } from '../config.js'
import { InputError } from '../lib/errors.js'
import { escapeControls } from '../lib/text.js'
import { type Command, flagValue } from './command.js'

export const UNTIL: Setting<number> = {
  flag: '--until',
  value: 'N',
  fallback: 'the end',
  meaning: 'Stop before call N, as the inspector counts them',
  allowed: 'the number of a call, from 1',
  initial: undefined,
  parse: wholeNumber(1, Number.MAX_SAFE_INTEGER),
}

export const replay: Command = {
  usage: 'replay CAPSULE…',
  meaning: 'Ask again what a capsule recorded, and compare the answers',
  flags: [UNTIL],
  async run({ operands, values, streams }) {
    if (operands.length === 0) throw new InputError('replay needs a file; allowed: replay CAPSULE…')
    const until = flagValue(UNTIL, values)
    const { replay } = await import('../replay/replay.js')
    let differs = false
    for (const file of operands) {
      const { requests, notes, difference } = await replay(file, until)
      for (const note of notes) await streams.err(`${file}: ${escapeControls(note)}`)
      const lines = difference ?? [`${file}: ${requests} requests, every answer as recorded`]
      for (const line of lines) await streams.out(escapeControls(line))
      differs ||= difference !== undefined
    }
    return differs ? 1 : 0
  },
}
