import type { z } from 'zod'
import { asJson } from '../lib/given.js'
import { load } from '../lib/load.js'
import type { CONTROL_SCHEMAS } from './schemas.js'

type Schemas = typeof CONTROL_SCHEMAS
export type ControlInput<Name extends keyof Schemas> = z.output<Schemas[Name]>

/**
 * A copy of the data, once it is known to fit the schema. The schemas are loaded with the first call: zod costs more time than a
 * whole start.
 *
 * @param where what a fault calls it
 * @throws InputError naming every fault
 */
export async function checkInput<Name extends keyof Schemas>(
  name: Name,
  data: unknown,
  where: string = name,
): Promise<ControlInput<Name>> {
  const { CONTROL_SCHEMAS, check } = await load(() => import('./schemas.js'))
  return check(CONTROL_SCHEMAS[name], asJson(data, where), where) as ControlInput<Name>
}
