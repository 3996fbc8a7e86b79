import { optional, wholeNumber } from '../config.js'
import { InputError } from '../lib/errors.js'
import { counted, escapeControls } from '../lib/text.js'
import { withFlags } from './command.js'

export const UNTIL = optional({
  value: 'N',
  fallback: 'the end',
  meaning: 'Stop before call N, as the inspector counts them',
  allowed: 'the number of a call, from 1',
  parse: wholeNumber(1, Number.MAX_SAFE_INTEGER),
})

export const replay = withFlags({
  usage: 'replay CAPSULE…',
  meaning: 'Ask again what a capsule recorded, and compare the answers',
  takesOperands: true,
  flags: { until: UNTIL },
  async run({ operands, own, streams }) {
    if (operands.length === 0) throw new InputError('replay needs a file; allowed: replay CAPSULE…')
    const { replay } = await import('../replay/replay.js')
    let differs = false
    for (const file of operands) {
      const { requests, notes, difference } = await replay(file, own.until)
      for (const note of notes) await streams.err(`${file}: ${escapeControls(note)}`)
      const lines = difference ?? [`${file}: ${counted(requests, 'request')}, every answer as recorded`]
      for (const line of lines) await streams.out(escapeControls(line))
      differs ||= difference !== undefined
    }
    return differs ? 1 : 0
  },
})
