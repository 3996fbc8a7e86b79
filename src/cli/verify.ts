import { oneOf, onOff, setting, text } from '../config.js'
import { VENDOR_NAMES } from '../fixture-files/key-lists.js'
import { fileFlag, JUNIT, required, requiredServer, save, withFlags } from './command.js'
import { publish } from './report.js'

export const verify = withFlags({
  usage: 'verify --base-url URL --key KEY',
  meaning: "Hold a server against what is known of the vendor's",
  flags: {
    baseUrl: requiredServer('The server that is asked'),
    key: required('KEY', 'An API key of that server', 'an API key'),
    customer: text('ID', 'A customer of the account', 'the id of a customer', 'the first one listed with a wallet'),
    wallet: text('ID', 'A wallet of the account', 'the id of a wallet', 'the first one of the customer'),
    vendor: setting({ ...oneOf(VENDOR_NAMES, 'Whose API the server has'), fallback: 'juspay' }),
    writes: onOff('Check too what makes customers, orders and wallets'),
    writesTo: text('HOST', 'The host of the server, if it is not known to be a sandbox', 'the host of --base-url'),
    report: fileFlag('Where the report is written as JSON'),
    junit: JUNIT,
  },
  async run({ own, streams }) {
    const { report: json, junit, ...asked } = own
    const { verify } = await import('../verify/verify.js')
    const report = await verify(asked)
    const { casesOf, toLines } = await import('../verify/print.js')
    save(json, () => `${JSON.stringify(report, null, 2)}\n`)
    const { vendor, at } = report
    const shown = { title: `wallet-sandbox verify ${vendor}`, at, cases: casesOf(report), lines: toLines(report) }
    await publish(shown, own, streams)
    return report.diverged > 0 ? 1 : 0
  },
})
