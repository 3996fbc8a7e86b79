import { InputError } from '../lib/errors.js'
import { load } from '../lib/load.js'
import { parseStrictness, STRICTNESS_FORM } from '../verdict/levels.js'
import type { Verdict } from '../verdict/verdict.js'
import { type ControlInput, checkInput } from './check.js'
import type { Scope } from './scope.js'

/** What the clients of the scope did wrong. The rules are loaded with the first verdict. */
export async function verdictOn(scope: Scope, given: ControlInput<'verdict'> = {}): Promise<Verdict> {
  const { levels = 'default' } = await checkInput('verdict', given)
  const { tokenTtl, verdict } = scope.options
  const strictness = levels === 'default' ? verdict : parseStrictness(levels, verdict)
  if (typeof strictness === 'string') throw new InputError(`levels: ${strictness}; allowed: ${STRICTNESS_FORM}`)
  const { judge } = await load(() => import('../verdict/verdict.js'))
  return judge(scope.merchants(), strictness, { vendors: scope.vendors, tokenTtl })
}
