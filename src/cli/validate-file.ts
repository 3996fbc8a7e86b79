import { KEY_LISTS } from '../fixture-files/key-lists.js'
import { oddities } from '../fixture-files/oddities.js'
import { checked, countsOf, isA, readFixtures } from '../fixture-files/read.js'
import { InputError } from '../lib/errors.js'
import { readValue } from '../lib/files.js'
import { forecast } from '../scenarios/forecast.js'
import { readProgram } from '../scenarios/read.js'
import type { ScenarioRule } from '../scenarios/schema.js'
import { VENDORS } from '../vendors/index.js'

/** What holds `merchants` is a fixture file, and so is a folder; anything else is a scenario. */
export async function validateFile(file: string) {
  try {
    const isFolder = isA('Directory', file)
    const data = isFolder ? undefined : await readValue(file)
    if (isFolder || has(data, 'merchants')) {
      const fixtures = await (isFolder ? readFixtures(file) : checked(data, file))
      const valid = `${file}: valid fixtures (${countsOf(fixtures.merchants)})`
      return { faults: [], notes: [valid, ...oddities(fixtures).map((oddity) => `${file}:${oddity}`)] }
    }
    const key = MERCHANT_LISTS.find((name) => has(data, name))
    if (key !== undefined && !has(data, 'name'))
      throw new InputError(`${file}:${key}: is not a field of a file; allowed: {"merchants": [{"id": …, "${key}": …}]}`)
    const { program, placeOf } = await readProgram(/^[\w-]+$/.test(file) ? `./${file}` : file, VENDORS)
    const fired = forecast(program).map((times, index) =>
      firing(program.scenario.rules![index]!, times, placeOf(`rules[${index}]`)),
    )
    return { faults: [], notes: [`${file}: valid scenario "${program.name}"`, ...fired] }
  } catch (error) {
    if (error instanceof InputError) return { faults: error.lines, notes: [] }
    throw error
  }
}

/** What only a merchant of a fixture file has. */
const MERCHANT_LISTS = ['customers', 'wallets', ...Object.values(KEY_LISTS)]

const has = (data: unknown, name: string) => typeof data === 'object' && data !== null && Object.hasOwn(data, name)

const firing = (rule: ScenarioRule, times: number, place: string) =>
  `${place}: "${rule.name}" ${firesHowOften(times)} in 1,000 calls of one customer or wallet, one a second${since(rule)}`

/** When the calls begin, where the time of day matters. */
const since = ({ when }: ScenarioRule) => (when?.window?.daily ? ` from ${when.window.daily.from} on` : '')

const firesHowOften = (times: number) =>
  ({ 0: 'never fires', 1: 'fires once', 2: 'fires twice' })[times] ?? `fires ${times} times`
