import { appendFileSync, writeFileSync } from 'node:fs'
import { jobSummaryFile, readEnvironment, type Setting, setting, type Written } from '../config.js'
import { InputError } from '../lib/errors.js'
import { plainReason } from '../lib/files.js'
import { quote } from '../lib/text.js'

/** Where a command writes; a test brings its own. */
export interface Streams {
  /** @throws InputError, in its promise, when the line cannot be written */
  out(line: string): unknown
  err(line: string): unknown
  readonly isTerminal: boolean
}

export type Values = Record<string, string | boolean | undefined>

interface Invocation {
  readonly operands: readonly string[]
  /** Every flag as it was written, those too that only this command has. */
  readonly values: Values
  /** The flags that are settings. */
  readonly flags: Written
  readonly streams: Streams
}

export interface Command {
  readonly usage: string
  readonly meaning: string
  /** Flags that only this command has. */
  readonly flags?: readonly Setting<unknown>[]
  /** @returns the exit status */
  run(invocation: Invocation): Promise<number>
}

/** The settings of the environment; one line names unknown variables. */
export const environmentFor = ({ err }: Streams): Written =>
  readEnvironment(undefined, (sentence) => err(`wallet-sandbox: ${sentence}`))

export function refuseOperands(command: string, operands: readonly string[]): void {
  if (operands.length > 0)
    throw new InputError(`${command} takes no operand, but "${operands[0]}" is given; allowed: flags alone`)
}

/** The value of a flag that only this command has. */
export function flagValue<Value, Initial>(own: Setting<Value, Initial>, values: Values): Value | Initial {
  const given = values[own.flag.slice(2)]
  if (given === undefined) return own.initial
  const value = own.parse(given)
  if (value === undefined) throw new InputError(`${own.flag} is ${quote(given)}; allowed: ${own.allowed}`)
  return value
}

/** A text that only one command has, without a default. */
export const ownFlag = (
  form: Pick<Setting<string>, 'flag' | 'value' | 'fallback' | 'meaning' | 'allowed'>,
): Setting<string> => ({
  ...form,
  initial: undefined,
  parse: (given) => (typeof given === 'string' && given !== '' ? given : undefined),
})

/** A switch that only one command has. */
export const toggle = (flag: string, meaning: string) =>
  setting<boolean>({ flag, fallback: 'off', meaning, allowed: 'nothing', parse: (given) => given === true })

export const JSON_OUT = toggle('--json', 'Print what was found as JSON')

export const JUNIT = ownFlag({
  flag: '--junit',
  value: 'FILE',
  fallback: 'none',
  meaning: "Where the report is written as JUnit's XML",
  allowed: 'a file',
})

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

/** Shows a report beside the job, on GitHub. */
export const showInJob = (markdown: () => string) => save(jobSummaryFile(), markdown, appendFileSync)
