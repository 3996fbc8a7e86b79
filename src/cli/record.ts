import { onOff, SETTINGS } from '../config.js'
import { fileFlag, required, requiredServer, withFlags } from './command.js'
import { stopSignal } from './signals.js'

export const record = withFlags({
  usage: 'record --upstream URL --out FILE',
  meaning: "Pass calls on to the vendor's server and make fixtures of them",
  flags: {
    port: SETTINGS.port,
    host: SETTINGS.host,
    upstream: requiredServer("The vendor's server that calls are passed on to"),
    out: required('FILE', 'Fixture file to write', 'a file'),
    scenarioOut: fileFlag('Scenario file to write: the latencies and the errors of reads'),
    redact: onOff('Put stand-ins in place of names, phones, e-mails, tokens and API keys; the default'),
    noRedact: onOff('Keep names, phones, e-mails, tokens and API keys as they are'),
    replace: onOff('Replace the files that are there'),
  },
  async run({ own: { redact, noRedact, ...asked }, streams }) {
    const { record } = await import('../record/record.js')
    const recorder = await record({ ...asked, redact: redact || !noRedact })
    const stopped = stopSignal()
    await streams.out(
      `wallet-sandbox listening on ${recorder.url}\nrecording calls to ${asked.upstream} in ${asked.out}`,
    )
    await stopped
    const { report } = await recorder.stop()
    for (const line of report) await streams.err(line)
    return 0
  },
})
