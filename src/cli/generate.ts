import { number, SETTINGS, setting } from '../config.js'
import { withFlags } from './command.js'

const textLike = (form: RegExp) => (given: unknown) =>
  typeof given === 'string' && form.test(given) ? given : undefined

export const generate = withFlags({
  usage: 'generate --customers N --seed S',
  meaning: 'Print fixtures made of Indian names and numbers',
  flags: {
    seed: SETTINGS.seed,
    customers: number('10', 'Customers to make', 1, 100_000),
    merchant: setting({
      value: 'ID',
      fallback: 'acme',
      meaning: 'Id of the merchant',
      allowed: '1 to 128 letters, digits, ".", "_" and "-"',
      parse: textLike(/^[\w.-]{1,128}$/),
    }),
    key: setting({
      value: 'KEY',
      fallback: 'acme_test_key',
      meaning: 'Juspay API key of the merchant',
      allowed: '1 to 256 printable ASCII characters without blanks',
      parse: textLike(/^[\x21-\x7e]{1,256}$/),
    }),
    guests: number('0', 'Orders of guests to make beside the customers', 0, 100_000),
  },
  async run({ own: { customers, seed, merchant: id, ...others }, streams }) {
    const { generate } = await import('../fixture-files/generate.js')
    await streams.out(JSON.stringify(generate(customers, seed, { id, ...others }), null, 2))
    return 0
  },
})
