import { readSettings, setting, wholeNumber } from '../config.js'
import { type Command, environmentFor, flagValue, refuseOperands } from './command.js'

const CUSTOMERS = setting({
  flag: '--customers',
  value: 'N',
  fallback: '10',
  meaning: 'Customers to make',
  allowed: 'a whole number from 1 to 100000',
  parse: wholeNumber(1, 100_000),
})

const MERCHANT = setting({
  flag: '--merchant',
  value: 'ID',
  fallback: 'acme',
  meaning: 'Id of the merchant',
  allowed: '1 to 128 letters, digits, ".", "_" and "-"',
  parse: (given) => (typeof given === 'string' && /^[\w.-]{1,128}$/.test(given) ? given : undefined),
})

const KEY = setting({
  flag: '--key',
  value: 'KEY',
  fallback: 'acme_test_key',
  meaning: 'Juspay API key of the merchant',
  allowed: '1 to 256 printable ASCII characters without blanks',
  parse: (given) => (typeof given === 'string' && /^[\x21-\x7e]{1,256}$/.test(given) ? given : undefined),
})

const GUESTS = setting({
  flag: '--guests',
  value: 'N',
  fallback: '0',
  meaning: 'Orders of guests to make beside the customers',
  allowed: 'a whole number from 0 to 100000',
  parse: wholeNumber(0, 100_000),
})

export const generate: Command = {
  usage: 'generate --customers N --seed S',
  meaning: 'Print fixtures made of Indian names and numbers',
  flags: [CUSTOMERS, MERCHANT, KEY, GUESTS],
  async run({ operands, values, flags, streams }) {
    refuseOperands('generate', operands)
    const { seed } = readSettings(flags, environmentFor(streams))
    const customers = flagValue(CUSTOMERS, values)
    const merchant = { id: flagValue(MERCHANT, values), key: flagValue(KEY, values), guests: flagValue(GUESTS, values) }
    const { generate } = await import('../fixture-files/generate.js')
    await streams.out(JSON.stringify(generate(customers, seed, merchant), null, 2))
    return 0
  },
}
