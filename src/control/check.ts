import type { z } from 'zod'
import type { CONTROL_SCHEMAS } from './schemas.js'

type Schemas = typeof CONTROL_SCHEMAS
export type Given<Name extends keyof Schemas> = z.output<Schemas[Name]>

const load = () => Promise.all([import('../lib/check.js'), import('./schemas.js')])

/** Holds what is given against its form. The schemas are loaded with the first: zod costs more time than a whole start. */
export class SchemaChecker {
  #loaded: ReturnType<typeof load> | undefined

  /**
   * The data, once it is known to have the form.
   *
   * @param where what a fault calls it
   * @throws InputError naming every fault
   */
  async check<Name extends keyof Schemas>(name: Name, data: unknown, where: string = name): Promise<Given<Name>> {
    this.#loaded ??= load()
    const [{ check }, { CONTROL_SCHEMAS }] = await this.#loaded
    return check(CONTROL_SCHEMAS[name], data, where) as Given<Name>
  }
}
