import { readSettings } from '../config.js'
import { InputError } from '../lib/errors.js'
import { type Command, environmentFor, flagValue, ownFlag, refuseOperands, toggle } from './command.js'
import { stopSignal } from './signals.js'

const UPSTREAM = ownFlag({
  flag: '--upstream',
  value: 'URL',
  fallback: 'required',
  meaning: "The vendor's server that calls are passed on to",
  allowed: 'the URL of a server, such as https://sandbox.juspay.in',
})

const OUT = ownFlag({
  flag: '--out',
  value: 'FILE',
  fallback: 'required',
  meaning: 'Fixture file to write',
  allowed: 'a file',
})

const SCENARIO_OUT = ownFlag({
  flag: '--scenario-out',
  value: 'FILE',
  fallback: 'none',
  meaning: 'Scenario file to write: the latencies and the errors of reads',
  allowed: 'a file',
})

const NO_REDACT = toggle('--no-redact', 'Keep names, phones, e-mails, tokens and API keys as they are')
const REPLACE = toggle('--replace', 'Replace the files that are there')

export const record: Command = {
  usage: 'record --upstream URL --out FILE',
  meaning: "Pass calls on to the vendor's server and make fixtures of them",
  flags: [UPSTREAM, OUT, SCENARIO_OUT, NO_REDACT, REPLACE],
  async run({ operands, values, flags, streams }) {
    refuseOperands('record', operands)
    const { port, host } = readSettings(flags, environmentFor(streams))
    const upstream = flagValue(UPSTREAM, values)
    const out = flagValue(OUT, values)
    if (upstream === undefined || out === undefined)
      throw new InputError('record needs --upstream and --out; allowed: record --upstream URL --out FILE')
    const scenarioOut = flagValue(SCENARIO_OUT, values)
    const { record } = await import('../record/record.js')
    const recorder = await record({
      upstream,
      out,
      port,
      host,
      ...(scenarioOut !== undefined && { scenarioOut }),
      redact: !flagValue(NO_REDACT, values),
      replace: flagValue(REPLACE, values),
    })
    const stopped = stopSignal()
    await streams.out(`wallet-sandbox listening on ${recorder.url}\nrecording calls to ${upstream} in ${out}`)
    await stopped
    const { report } = await recorder.stop()
    for (const line of report) await streams.err(line)
    return 0
  },
}
