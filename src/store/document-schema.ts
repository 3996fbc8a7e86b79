import { z } from 'zod'
import { fixtureFileSchema } from '../fixture-files/schema.js'
import { allowed, flag, instant, list, object, oneOf } from '../lib/check.js'

export { check } from '../lib/check.js'

/** The schemas of a data folder's files. Loaded only where there is a file to read. */

const whole = (min: number, what: string) => z.int(allowed(what)).min(min, allowed(what))
const anyWhole = () => whole(Number.MIN_SAFE_INTEGER, 'a whole number')

export const markerSchema = object({ format: whole(1, 'the version of the folder’s format, a whole number from 1') })

const merchant = fixtureFileSchema.shape.merchants.element

export const documentSchema = object({
  record: object({
    base: oneOf(['fixtures', 'own']),
    made: flag(),
    dropped: flag().optional(),
    seed: anyWhole().optional(),
    stateSeed: anyWhole().optional(),
    clock: instant().nullable().optional(),
    // The server's own record names no merchant.
    merchant: merchant.omit({ customers: true, wallets: true }).extend({ id: merchant.shape.id.or(z.literal('')) }),
    webhook: merchant.shape.webhook.unwrap().nullable().optional(),
    origin: merchant.optional(),
  }),
  customers: list(merchant.shape.customers.unwrap().element),
})
