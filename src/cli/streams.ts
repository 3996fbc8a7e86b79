import type { Writable } from 'node:stream'
import { InputError } from '../lib/errors.js'
import { plainReason } from '../lib/files.js'
import { writeTo } from '../lib/output.js'
import type { Streams } from './command.js'

export class OutputError extends InputError {}

async function print(stream: Writable, line: string): Promise<void> {
  const error = await writeTo(stream, `${line}\n`)
  // A reader that has seen enough, such as head, closes the pipe.
  if (error === undefined || error.code === 'EPIPE') return
  throw new OutputError(
    `standard output cannot be written: ${plainReason(error)}; allowed: a terminal, a pipe, or a file with room`,
  )
}

export const STANDARD: Streams = {
  out: (line) => print(process.stdout, line),
  // Where standard error cannot be written, there is no other place to report it.
  err: (line) => writeTo(process.stderr, `${line}\n`),
  isTerminal: process.stdout.isTTY === true,
}
