import { parseBody } from '../api/body.js'
import type { Entry } from '../journal/entry.js'
import { headersOf, type JournalEntry, toJournalEntry } from '../journal/journal-entry.js'
import { redactorOf } from '../journal/redact.js'
import { inTurns } from '../lib/in-turns.js'
import type { Merchant } from '../merchants/merchant.js'
import { matcher } from '../scenarios/pattern.js'
import type { ControlInput } from './check.js'

interface Difference {
  /** `wallet`, `header.x-routing-id` and so on. */
  readonly field: string
  readonly expected: string
  readonly actual: string | null
}

/** How many match; with none, the requests that come nearest and what differs in them. */
export interface Count {
  readonly count: number
  readonly nearest?: readonly (Pick<JournalEntry, 'id' | 'at' | 'merchant' | 'operation'> & {
    readonly request: string
    readonly status: number | null
    readonly differences: readonly Difference[]
  })[]
}

export interface Lived {
  readonly entry: Entry
  readonly merchant: Merchant
}

const MAX_NEAREST = 3

type Condition = ReturnType<typeof condition>

export function conditions(match: ControlInput<'match'> | Omit<ControlInput<'stream'>, 'after'>): Condition[] {
  return Object.entries(match).flatMap(([field, expected]) => {
    if (expected === undefined) return []
    if (field === 'text') return [containing(String(expected))]
    if (typeof expected !== 'object') return [condition(field, String(expected), (one) => valuesOf(field, one))]
    let read: { readonly one: Lived; readonly parts: Parts } | undefined
    return Object.entries(expected).map(([name, value]) =>
      condition(`${field}.${name}`, value, (one) => {
        // A body is read once for all conditions.
        if (read?.one !== one) read = { one, parts: partsOf(field, one) }
        const actual = read.parts(name)
        return actual === null || actual === undefined ? [] : [actual]
      }),
    )
  })
}

function condition(field: string, expected: string, values: (one: Lived) => readonly string[]) {
  const matches = matcher(expected)
  return {
    field,
    expected,
    holds: (one: Lived) => values(one).some(matches),
    actual: (one: Lived) => {
      const value = values(one)[0]
      return value === undefined ? null : redactorOf(one.entry)(value)
    },
  }
}

/** Any text of a call that a person would look for, whatever its case. */
function containing(expected: string): Condition {
  const wanted = expected.toLowerCase()
  return {
    field: 'text',
    expected,
    holds: ({ entry: { request, ended } }) =>
      [request.path, request.query, ended?.reason ?? '', ended?.requestBody ?? '', ended?.response.body ?? ''].some(
        (text) => text.toLowerCase().includes(wanted),
      ),
    actual: () => null,
  }
}

type Text = string | number | null | undefined

/** What each plain field of a match is held against; a customer goes by each of its names. */
const FIELDS: Readonly<Record<string, (one: Lived) => Text | readonly Text[]>> = {
  customer: ({ entry: { about }, merchant }) =>
    about.customer && [about.customer, merchant.state.customer(about.customer)?.objectReferenceId],
  operation: ({ entry }) => entry.about.operation,
  merchant: ({ merchant }) => merchant.id || null,
  wallet: ({ entry }) => entry.about.wallet,
  status: ({ entry }) => entry.ended?.response.status,
  method: ({ entry }) => entry.request.method,
  path: ({ entry }) => entry.request.path,
}

const valuesOf = (field: string, one: Lived): readonly string[] =>
  [FIELDS[field]!(one)].flat().flatMap((text) => (text === null || text === undefined ? [] : String(text)))

type Parts = (name: string) => string | null | undefined

/** What the names of a header, query or body match are looked up in. */
function partsOf(field: string, { entry }: Lived): Parts {
  const { headers, query } = entry.request
  const header = headersOf(headers)
  if (field === 'header')
    return (name) => (Object.hasOwn(header, name.toLowerCase()) ? header[name.toLowerCase()] : null)
  if (field === 'query') {
    const parameters = new URLSearchParams(query)
    return (name) => parameters.get(name)
  }
  const { fields } = parseBody(entry.ended?.requestBody ?? '', header['content-type'] ?? null)
  return (name) => fields.get(name)
}

export async function matching(wanted: readonly Condition[], all: readonly Lived[]): Promise<Lived[]> {
  const found: Lived[] = []
  await inTurns(all, (one) => {
    if (wanted.every((condition) => condition.holds(one))) found.push(one)
  })
  return found
}

export async function nearestTo(
  wanted: readonly Condition[],
  all: readonly Lived[],
): Promise<NonNullable<Count['nearest']>> {
  const judged: { readonly one: Lived; readonly differing: readonly Condition[] }[] = []
  await inTurns(all, (one) => judged.push({ one, differing: wanted.filter((each) => !each.holds(one)) }))
  return judged
    .reverse()
    .sort((a, b) => a.differing.length - b.differing.length)
    .slice(0, MAX_NEAREST)
    .map(({ one, differing }) => {
      const { id, at, merchant, operation, request, response } = toJournalEntry(one.entry)
      return {
        id,
        at,
        merchant,
        operation,
        request: `${request.method} ${request.path}${request.query === '' ? '' : `?${request.query}`}`,
        status: response?.status ?? null,
        differences: differing.map(({ field, expected, actual }) => ({ field, expected, actual: actual(one) })),
      }
    })
}
