import { readSettings, setting, wholeNumber } from '../config.js'
import { environmentFor, withFlags } from './command.js'

const textLike = (form: RegExp) => (given: unknown) =>
  typeof given === 'string' && form.test(given) ? given : undefined

export const generate = withFlags({
  usage: 'generate --customers N --seed S',
  meaning: 'Print fixtures made of Indian names and numbers',
  flags: {
    customers: setting({
      flag: '--customers',
      value: 'N',
      fallback: '10',
      meaning: 'Customers to make',
      allowed: 'a whole number from 1 to 100000',
      parse: wholeNumber(1, 100_000),
    }),
    id: setting({
      flag: '--merchant',
      value: 'ID',
      fallback: 'acme',
      meaning: 'Id of the merchant',
      allowed: '1 to 128 letters, digits, ".", "_" and "-"',
      parse: textLike(/^[\w.-]{1,128}$/),
    }),
    key: setting({
      flag: '--key',
      value: 'KEY',
      fallback: 'acme_test_key',
      meaning: 'Juspay API key of the merchant',
      allowed: '1 to 256 printable ASCII characters without blanks',
      parse: textLike(/^[\x21-\x7e]{1,256}$/),
    }),
    guests: setting({
      flag: '--guests',
      value: 'N',
      fallback: '0',
      meaning: 'Orders of guests to make beside the customers',
      allowed: 'a whole number from 0 to 100000',
      parse: wholeNumber(0, 100_000),
    }),
  },
  async run({ own: { customers, ...merchant }, flags, streams }) {
    const { seed } = readSettings(flags, environmentFor(streams))
    const { generate } = await import('../fixture-files/generate.js')
    await streams.out(JSON.stringify(generate(customers, seed, merchant), null, 2))
    return 0
  },
})
