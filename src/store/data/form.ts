import { z } from 'zod'
import { fixtureFileSchema } from '../../fixtures/schema.js'
import { allowed, flag, instant, object, oneOf } from '../../lib/check.js'

/** The schemas of the data folder's own files; customers are in fixture files. Loaded only where there is a file to read. */

const whole = (least: number, what: string) => z.int(allowed(what)).min(least, allowed(what))

export const markerSchema = object({ format: whole(1, 'the version of the folder’s format, a whole number from 1') })

export const recordSchema = object({
  /** The folder with the customers that count. */
  generation: whole(0, 'a whole number from 0'),
  /** What those customers lie over: the fixtures', or nothing, because the whole state was replaced. */
  base: oneOf(['fixtures', 'own']),
  /** Made by its key or by a control request, not by the fixtures. */
  made: flag(),
  /** Of a merchant of the fixtures: it was dropped, and is not there until all are reset. */
  dropped: flag().optional(),
  /** The seed it began with. */
  seed: whole(Number.MIN_SAFE_INTEGER, 'a whole number').optional(),
  /** The seed of the state that replaced the first. */
  stateSeed: whole(Number.MIN_SAFE_INTEGER, 'a whole number').optional(),
  /** The time at which its clock began to stand; null for one that ran from the beginning. */
  clock: instant().nullable().optional(),
  /** Its id, and the keys of a made one; of another one those whose status changed. */
  merchant: fixtureFileSchema.shape.merchants.element.omit({ customers: true, wallets: true }),
})

export type MerchantRecord = z.output<typeof recordSchema>
