import { readEnvironment, readSettings, setting, wholeNumber } from '../config.js'
import { InputError } from '../lib/errors.js'
import { quote } from '../lib/text.js'
import { type Command, refuseOperands } from './command.js'

const CUSTOMERS = setting({
  flag: '--customers',
  value: 'N',
  fallback: '10',
  meaning: 'Customers to make',
  allowed: 'a whole number from 1 to 100000',
  parse: wholeNumber(1, 100_000),
})

export const generate: Command = {
  usage: 'generate --customers N --seed S',
  meaning: 'Print fixtures made of Indian names and numbers',
  flags: [CUSTOMERS],
  async run({ operands, values, flags, streams }) {
    refuseOperands('generate', operands)
    const { seed } = readSettings(flags, readEnvironment())
    const { customers: given } = values
    const customers = given === undefined ? CUSTOMERS.initial : CUSTOMERS.parse(given)
    if (customers === undefined)
      throw new InputError(`${CUSTOMERS.flag} is ${quote(given)}; allowed: ${CUSTOMERS.allowed}`)
    const { generate } = await import('../fixtures/generate.js')
    await streams.out(JSON.stringify(generate(customers, seed), null, 2))
    return 0
  },
}
