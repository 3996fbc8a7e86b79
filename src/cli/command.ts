import { writeFileSync } from 'node:fs'
import { onOff, readEnvironment, type Setting, type Settled, type Table, text, type Written } from '../config.js'
import { InputError } from '../lib/errors.js'
import { plainReason } from '../lib/files.js'
import { isServerUrl, SERVER_URL_FORM } from '../lib/text.js'

/** Where a command writes; a test brings its own. */
export interface Streams {
  /** @throws InputError, in its promise, when the line cannot be written */
  out(line: string): unknown
  err(line: string): unknown
  readonly isTerminal: boolean
}

interface Invocation<Own extends Table> {
  readonly operands: readonly string[]
  /** The values of its flags, and of the variables of those that are settings. */
  readonly own: Settled<Own>
  /** Its flags as they were written. */
  readonly flags: Written
  /** The same with all variables, which a flag beats. */
  readonly written: Written
  readonly streams: Streams
}

export interface Command<Own extends Table = Table> {
  readonly usage: string
  readonly meaning: string
  readonly takesOperands?: boolean
  /** All that it takes: settings, and flags of its own. */
  readonly flags?: Own
  /** What settings are without a value where it is not the same as for a start, by name. */
  readonly defaults?: Readonly<Partial<Record<keyof Own, string>>>
  /** @returns the exit status */
  run(invocation: Invocation<Own>): Promise<number>
}

/** A command with flags, whose values have the types of their settings. */
export const withFlags = <Own extends Table>(command: Command<Own>): Command => command

/** The settings of the environment; one line names unknown variables. */
export const environmentFor = ({ err }: Streams): Written =>
  readEnvironment(undefined, (sentence) => err(`wallet-sandbox: ${sentence}`))

const REQUIRED = 'required'

export const required = (value: string, meaning: string, allowed: string) =>
  text(value, meaning, allowed, REQUIRED) as Setting<string, never>

export const requiredServer = (meaning: string): Setting<string, never> => ({
  ...required('URL', meaning, SERVER_URL_FORM),
  parse: (given) => (isServerUrl(given) ? given : undefined),
})

export const isRequired = ({ fallback }: Setting<unknown>) => fallback === REQUIRED

export const fileFlag = (meaning: string) => text('FILE', meaning, 'a file')

export const JSON_OUT = onOff('Print what was found as JSON')

export const JUNIT = fileFlag("Where the report is written as JUnit's XML")

/** Writes a file, where one is asked for. @throws InputError when it cannot be written */
export function save(
  file: string | undefined,
  text: () => string,
  write: (file: string, text: string) => void = writeFileSync,
) {
  if (file === undefined) return
  try {
    write(file, text())
  } catch (error) {
    throw new InputError(`${file}: cannot be written: ${plainReason(error)}`)
  }
}
