import { createHash } from 'node:crypto'
import type { Call } from '../../../api/call.js'
import { Refusal } from '../../../lib/errors.js'
import type { TimelineEntry, Walk } from '../../../store/timeline.js'
import { parameter } from '../fields.js'

const DEFAULT_LIMIT = 15
const MAX_LIMIT = 100

const LIMIT = parameter(
  'limit',
  'The most rows of a page',
  { type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT },
  (text) => /^([1-9]\d?|100)$/.test(text),
  `a whole number from 1 to ${MAX_LIMIT}`,
)
const AFTER = parameter('after', 'The cursor to older rows, as an answer gave it')
const BEFORE = parameter('before', 'The cursor to newer rows, as an answer gave it')
export const PAGE = [LIMIT, AFTER, BEFORE]

export interface Listing<Item> {
  /** Parameters that choose what is listed: a cursor holds for these alone. */
  readonly filters: Readonly<Record<string, string | undefined>>
  admits(item: Item): boolean
  find(id: string): Item | undefined
  place(item: Item): TimelineEntry
  walk(way: Walk): Iterable<Item>
}

/** `after` leads to older things, `before` to newer ones; each is null where there are none. */
export function readPage<Item>(call: Call, listing: Listing<Item>) {
  const limit = Number(LIMIT.read(call) ?? DEFAULT_LIMIT)
  const [after, before] = [AFTER.read(call), BEFORE.read(call)]
  if (after !== undefined && before !== undefined)
    throw new Refusal('bad_request', 'Both after and before are given; send one cursor.', {
      message: 'after and before exclude each other',
    })
  const scope = JSON.stringify([call.merchantId, call.operationId, listing.filters])
  const cursor = after ?? before
  const from = cursor === undefined ? undefined : listing.place(located(listing, scope, cursor))
  const { items, older, newer } = cut(listing, { direction: before === undefined ? 'older' : 'newer', from }, limit)
  const cursorAt = (item: Item) => cursorOf(scope, listing.place(item).id)
  return {
    items,
    pagination: {
      after: older ? cursorAt(items.at(-1)!) : null,
      before: newer ? cursorAt(items[0]!) : null,
      limit,
    },
  }
}

/** The next things on a way, newest first, and whether there are more on either side. */
function cut<Item>(listing: Listing<Item>, way: Walk, limit: number) {
  const items: Item[] = []
  let onwards = false
  for (const item of admitted(listing, way)) {
    onwards = items.length === limit
    if (onwards) break
    items.push(item)
  }
  const first = way.from && items[0]
  const back = way.direction === 'older' ? 'newer' : 'older'
  const backwards =
    first !== undefined && !admitted(listing, { direction: back, from: listing.place(first) }).next().done
  return way.direction === 'older'
    ? { items, older: onwards, newer: backwards }
    : { items: items.reverse(), older: backwards, newer: onwards }
}

function* admitted<Item>(listing: Listing<Item>, way: Walk): Generator<Item> {
  for (const item of listing.walk(way)) if (listing.admits(item)) yield item
}

const mark = (scope: string, id: string) =>
  createHash('sha256').update(`${scope} ${id}`).digest('base64url').slice(0, 16)

/** Opaque: the id of the last thing seen, and a mark of the merchant and the filters it was seen under. */
const cursorOf = (scope: string, id: string) => Buffer.from(`${mark(scope, id)}${id}`).toString('base64url')

function located<Item>(listing: Listing<Item>, scope: string, cursor: string): Item {
  const text = Buffer.from(cursor, 'base64url').toString()
  const id = text.slice(16)
  const item = cursorOf(scope, id) === cursor ? listing.find(id) : undefined
  if (item !== undefined) return item
  throw new Refusal(
    'bad_request',
    "The cursor is not of this list; send after or before as an answer gave it, with the same filters and the same merchant's key.",
    { message: 'Invalid cursor' },
  )
}
