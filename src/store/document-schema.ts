import { z } from 'zod'
import { fixtureFileSchema } from '../fixture-files/schema.js'
import { flag, instant, list, object, oneOf, wholeNumber } from '../lib/check.js'

export { check } from '../lib/check.js'

/** The schemas of a data folder's files. Loaded only where there is a file to read. */

export const markerSchema = object({ format: wholeNumber(1) })

const merchant = fixtureFileSchema.shape.merchants.element

export const documentSchema = object({
  record: object({
    /** What the changed customers lie over: the fixtures', or nothing, because the whole state was replaced. */
    base: oneOf(['fixtures', 'own']),
    /** Made by its key or by a control request, not by the fixtures. */
    made: flag(),
    /** Of a merchant of the fixtures: it was dropped, and is not there until all are reset. */
    dropped: flag().optional(),
    /** The seed it began with. */
    seed: wholeNumber().optional(),
    /** The seed of the state that replaced the first. */
    stateSeed: wholeNumber().optional(),
    /** The time at which its clock began to stand; null for one that ran from the beginning. */
    clock: instant().nullable().optional(),
    /** Its id, empty for the server's own, and the keys of a made one; of another one those whose status changed. */
    merchant: merchant.omit({ customers: true, wallets: true }).extend({ id: merchant.shape.id.or(z.literal('')) }),
    /** Where events go since that was set; null for nowhere. */
    webhook: merchant.shape.webhook.unwrap().nullable().optional(),
    /** What a reset takes it back to, where that is not a merchant of the fixtures. */
    origin: merchant.optional(),
  }),
  customers: list(merchant.shape.customers.unwrap().element),
})
