import { VENDOR_NAMES } from '../fixture-files/key-lists.js'
import { InputError } from '../lib/errors.js'
import { type Command, flagValue, JUNIT, ownFlag, refuseOperands, save, toggle } from './command.js'

const BASE_URL = ownFlag({
  flag: '--base-url',
  value: 'URL',
  fallback: 'required',
  meaning: 'The server that is asked',
  allowed: 'the URL of a server, such as https://sandbox.juspay.in',
})

const KEY = ownFlag({
  flag: '--key',
  value: 'KEY',
  fallback: 'required',
  meaning: 'An API key of that server',
  allowed: 'an API key',
})

const CUSTOMER = ownFlag({
  flag: '--customer',
  value: 'ID',
  fallback: 'the first one listed with a wallet',
  meaning: 'A customer of the account, for the checks that need one',
  allowed: 'the id of a customer',
})

const WALLET = ownFlag({
  flag: '--wallet',
  value: 'ID',
  fallback: 'the first one of the customer',
  meaning: 'A wallet of the account',
  allowed: 'the id of a wallet',
})

const VENDOR = ownFlag({
  flag: '--vendor',
  value: VENDOR_NAMES.join('|'),
  fallback: 'juspay',
  meaning: 'Whose API the server has',
  allowed: VENDOR_NAMES.join(' or '),
})

const REPORT = ownFlag({
  flag: '--report',
  value: 'FILE',
  fallback: 'none',
  meaning: 'Where the report is written as JSON',
  allowed: 'a file',
})

const WRITES_TO = ownFlag({
  flag: '--writes-to',
  value: 'HOST',
  fallback: 'none',
  meaning: 'The host of the server, if it is not known to be a sandbox',
  allowed: 'the host of --base-url',
})

const WRITES = toggle('--writes', 'Check too what makes customers, orders and wallets')

export const verify: Command = {
  usage: 'verify --base-url URL --key KEY',
  meaning: "Hold a server against what is known of the vendor's",
  flags: [BASE_URL, KEY, CUSTOMER, WALLET, VENDOR, WRITES, WRITES_TO, REPORT, JUNIT],
  async run({ operands, values, streams }) {
    refuseOperands('verify', operands)
    const [baseUrl, key] = [flagValue(BASE_URL, values), flagValue(KEY, values)]
    if (baseUrl === undefined || key === undefined)
      throw new InputError('verify needs --base-url and --key; allowed: verify --base-url URL --key KEY')
    const vendor = VENDOR_NAMES.find((name) => name === (flagValue(VENDOR, values) ?? 'juspay'))
    if (vendor === undefined) throw new InputError(`--vendor names no vendor; allowed: ${VENDOR.allowed}`)
    const [customer, wallet] = [flagValue(CUSTOMER, values), flagValue(WALLET, values)]
    const writesTo = flagValue(WRITES_TO, values)
    const { verify } = await import('../verify/verify.js')
    const report = await verify({
      baseUrl,
      key,
      vendor,
      writes: flagValue(WRITES, values),
      ...(customer !== undefined && { customer }),
      ...(wallet !== undefined && { wallet }),
      ...(writesTo !== undefined && { writesTo }),
    })
    const { toJUnit, toLines } = await import('../verify/print.js')
    save(flagValue(REPORT, values), () => `${JSON.stringify(report, null, 2)}\n`)
    save(flagValue(JUNIT, values), () => toJUnit(report))
    for (const line of toLines(report)) await streams.out(line)
    return report.diverged > 0 ? 1 : 0
  },
}
