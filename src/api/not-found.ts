import { type ErrorName, Refusal, type RefusalDetails } from '../lib/errors.js'
import { quote } from '../lib/text.js'
import type { Call } from './call.js'

/** The refusal of what a merchant does not have. @param hint what may be meant, with a blank in front */
export const notFound = (
  { merchantTitle }: Call,
  error: ErrorName,
  kind: string,
  name: string,
  hint: string,
  details?: RefusalDetails,
) => new Refusal(error, `${merchantTitle} has no ${kind} ${quote(name)}.${hint}`, details)
