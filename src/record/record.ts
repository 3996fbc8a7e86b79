import { resolve } from 'node:path'
import type { Fixtures } from '../fixture-files/schema.js'
import { InputError } from '../lib/errors.js'
import { givenOptions, type Kinds } from '../lib/given.js'
import { load } from '../lib/load.js'
import { requirePlatform } from '../lib/platform.js'
import { isServerUrl, quote, SERVER_URL_FORM } from '../lib/text.js'
import { clearInterval, setInterval } from '../lib/timers.js'
import type { Scenario } from '../scenarios/schema.js'

/** What to record, and where to. */
export interface RecordOptions {
  /** The vendor's server, such as `https://sandbox.juspay.in`. */
  upstream: string
  /** The fixture file to write. Beside it stands a report, `fixtures.report.txt` for `fixtures.json`. */
  out?: string
  /** The scenario file to write. */
  scenarioOut?: string
  /** Whether files that are there are replaced. Default false: they are refused. */
  replace?: boolean
  /** Whether people, phones, e-mails, tokens and keys are replaced by stand-ins. Default true. */
  redact?: boolean
  /** Default 0, which picks a free one. */
  port?: number
  /** Default 127.0.0.1. */
  host?: string
  /** How long the upstream may send nothing, in ms, before the client gets a 502. Default 60000. */
  timeout?: number
}

/** What came of a session. */
export interface Recording {
  readonly fixtures: Fixtures
  readonly scenario: Scenario
  /** One sentence each: the keys, what could not be stored and why, errors and latencies seen. */
  readonly report: readonly string[]
  /** The text as the recording has it: what became of an id that held a phone, say. */
  standIn(text: string): string
}

/** A proxy that learns. */
export interface Recorder extends AsyncDisposable {
  /** Where your client sends its calls. */
  readonly url: string
  /** What was learned so far. */
  recording(): Recording
  /** Lets answers under way finish, within two seconds, and writes the files. */
  stop(): Promise<Recording>
}

/** How often what was learned is written, in ms: a crash loses at most that. */
const WRITE_EVERY_MS = 2_000

const KINDS: Kinds<RecordOptions> = {
  upstream: 'any',
  out: 'text',
  scenarioOut: 'text',
  replace: 'flag',
  redact: 'flag',
  port: 'port',
  host: 'text',
  timeout: 'milliseconds',
}

/**
 * Starts a proxy between your client and the vendor's sandbox. It passes every call on and makes fixtures of what it sees.
 *
 * @example
 * const recorder = await record({ upstream: 'https://sandbox.juspay.in', out: 'fixtures.json' })
 * const client = new WalletClient({ baseUrl: recorder.url })
 * const { fixtures, report } = await recorder.stop()
 *
 * @throws InputError when an option cannot be used, a file is there already, or the port cannot be had
 */
export async function record(given: RecordOptions): Promise<Recorder> {
  requirePlatform('record')
  const {
    upstream,
    out,
    scenarioOut,
    replace = false,
    redact = true,
    port = 0,
    host = '127.0.0.1',
    timeout = 60_000,
  } = givenOptions(given, 'record', KINDS)
  if (!isServerUrl(upstream)) throw new InputError(`upstream: is ${quote(upstream)}; allowed: ${SERVER_URL_FORM}`)
  const { refuseExisting, writeWhole } = await load(() => import('./files.js'))
  const files = filesOf(out, scenarioOut)
  refuseExisting([...files.keys()], replace)
  const { Session } = await load(() => import('./session.js'))
  const { openProxy } = await load(() => import('./proxy.js'))
  const session = await Session.create(redact)
  let changed = false
  // One after the other, in the order of the answers.
  let learning: Promise<void> = Promise.resolve()
  const proxy = await openProxy(new URL(upstream), timeout, {
    answered(call) {
      learning = learning.then(() => session.add(call))
      changed = true
    },
    failed(method, path, reason) {
      session.fail(method, path, reason)
      changed = true
    },
  })
  const write = () => {
    const recorded = session.recorded()
    changed = false
    for (const [file, print] of files) writeWhole(file, `${print(recorded)}\n`)
    return recorded
  }
  const url = await proxy.listen(port, host)
  try {
    write()
  } catch (error) {
    await proxy.close()
    throw error
  }
  const timer = setInterval(() => {
    try {
      if (changed) write()
    } catch {
      // A disk that is full for a while costs nothing if the last writing succeeds.
    }
  }, WRITE_EVERY_MS)
  const stop = async () => {
    clearInterval(timer)
    await proxy.close()
    await learning
    return write()
  }
  let stopped: Promise<Recording> | undefined
  const stopOnce = () => (stopped ??= stop())
  return {
    url,
    recording: () => session.recorded(),
    stop: stopOnce,
    async [Symbol.asyncDispose]() {
      await stopOnce()
    },
  }
}

/** What is written to each file. The report is beside the fixtures, by a name that is not a fixture's in a folder of them. */
function filesOf(out: string | undefined, scenario: string | undefined) {
  const files = new Map<string, (recorded: Recording) => string>()
  if (out !== undefined) {
    files.set(out, ({ fixtures }) => JSON.stringify(fixtures, null, 2))
    files.set(`${out.replace(/\.json$/, '')}.report.txt`, ({ report }) => report.join('\n'))
  }
  if (scenario !== undefined && [...files.keys()].some((file) => resolve(file) === resolve(scenario)))
    throw new InputError(`scenarioOut: is ${quote(scenario)}, which the fixtures are written to; allowed: another file`)
  if (scenario !== undefined) files.set(scenario, (recorded) => JSON.stringify(recorded.scenario, null, 2))
  return files
}
