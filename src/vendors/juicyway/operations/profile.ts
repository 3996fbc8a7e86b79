import type { Call } from '../../../api/call.js'
import { type Field, type FieldSchema, type Fields, field, TEXT, type Values } from '../../../api/request.js'
import { LONGEST } from '../../../lib/bounds.js'
import { type ErrorName, Refusal } from '../../../lib/errors.js'
import type { Address } from '../../../wallets/model.js'
import { jsonValue, wrong } from '../fields.js'

/** What the fields of a customer must be. The pages name the forms; texts are at most as long as names are. */

/** A form of text, and the vendor's words where it is another. */
interface Form {
  readonly schema?: FieldSchema
  readonly form: RegExp
  readonly allowed: string
  readonly fault?: string
  readonly error?: ErrorName
}

const NAME_SCHEMA = { ...TEXT, maxLength: 100 }
const LINE: Form = { schema: NAME_SCHEMA, form: /^.{1,100}$/su, allowed: 'text of up to 100 characters' }
const NAME: Form = {
  schema: NAME_SCHEMA,
  form: /^[\p{L}\p{M} '’-]{1,100}$/u,
  allowed: 'up to 100 letters, spaces, hyphens and apostrophes',
}
const EMAIL: Form = {
  schema: { ...TEXT, format: 'email' },
  form: /^[^\s@]{1,64}@[^\s@]{1,185}\.[^\s@.]{1,63}$/,
  allowed: 'an address such as ada@example.com',
  fault: 'Invalid email format',
  // The published examples: a wrong email is a 422, anything else a 400.
  error: 'unprocessable',
}
const PHONE: Form = {
  form: /^\+[1-9]\d{6,14}$/,
  allowed: 'a number with its country code, such as +2348012345678',
  fault: 'Invalid phone number format',
}
const TYPE: Form = {
  schema: { type: 'string', enum: ['individual', 'business'] },
  form: /^(individual|business)$/,
  allowed: '"individual" or "business"',
}
const COUNTRY: Form = {
  schema: { type: 'string', pattern: '^[A-Z]{2}$', description: 'A country code of two letters' },
  form: /^[A-Z]{2}$/,
  allowed: 'a country code of two letters, such as NG',
}

const schemaOf = ({ schema, form }: Form): FieldSchema => schema ?? { ...TEXT, pattern: form.source }

/** The parts of an address, by their keys in the model. */
const PARTS: Readonly<Record<keyof Address, readonly [name: string, form: Form]>> = {
  line1: ['line1', LINE],
  line2: ['line2', { ...LINE, schema: { type: ['string', 'null'], maxLength: 100 } }],
  city: ['city', LINE],
  state: ['state', LINE],
  zipCode: ['zip_code', LINE],
  country: ['country', COUNTRY],
}
const NAMES = Object.values(PARTS).map(([name]) => name)

/** The value of a field; undefined where it is left out or null. */
const given = (call: Call, name: string): unknown => jsonValue(call, name) ?? undefined

function textOf(value: unknown, name: string, { form, allowed, fault, error }: Form): string {
  if (typeof value === 'string' && value.length <= LONGEST.text && form.test(value)) return value
  throw wrong(name, value, allowed, value === undefined ? undefined : error, fault)
}

/** @param held the address whose parts stay where the request leaves them out */
function addressOf(value: unknown, where: string, held?: Address): Address {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrong(where, value, `an object with ${NAMES.join(', ')}`)
  const parts = new Map<string, unknown>(Object.entries(value))
  return collect(PARTS, ([name, form], key) => {
    const part = parts.get(name) ?? held?.[key] ?? undefined
    return key === 'line2' && (part === undefined || part === '') ? null : textOf(part, `${where}.${name}`, form)
  }) as unknown as Address
}

/** What is read of each entry. @throws Refusal that names every field that is wrong: the malformed, else the invalid */
function collect<Entry, Key extends string>(
  table: Readonly<Record<Key, Entry>>,
  read: (entry: Entry, key: Key) => unknown,
): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  const refusals: Refusal[] = []
  for (const key in table)
    try {
      const value = read(table[key], key)
      if (value !== undefined) values[key] = value
    } catch (error) {
      // Without JSON there is not a field to name.
      if (!(error instanceof Refusal) || error.details.faults === undefined) throw error
      refusals.push(error)
    }
  const malformed = refusals.filter(({ name }) => name === 'bad_request')
  const [first, ...others] = malformed.length > 0 ? malformed : refusals
  if (first === undefined) return values
  const reason = [first, ...others].map((refusal) => refusal.reason).join(' ')
  throw new Refusal(first.name, reason, {
    faults: Object.assign({}, ...[first, ...others].map(({ details }) => details.faults)),
  })
}

/** What a request has of a table of fields, all of which a refusal names that are wrong. */
export const readForm = <Table extends Fields>(call: Call, table: Table): Values<Table> =>
  collect(table, (one) => one.read(call)) as Values<Table>

/** A text that a new customer needs; at a change null leaves it as it is, and an empty one clears it. */
type Text<IsNew extends boolean> = IsNew extends true ? string : string | null | undefined

/** @param alias what one page calls it */
const text = <IsNew extends boolean>(isNew: IsNew, name: string, description: string, form: Form, alias = name) =>
  field(name, description, { ...schemaOf(form), required: isNew }, (call) => {
    const where = given(call, name) === undefined && given(call, alias) !== undefined ? alias : name
    const value = given(call, where)
    if (isNew || (value !== undefined && value !== '')) return textOf(value, where, form) as Text<IsNew>
    return (value === '' ? null : undefined) as Text<IsNew>
  })

const address = <IsNew extends boolean>(isNew: IsNew): Field<IsNew extends true ? Address : Address | undefined> => ({
  name: 'billing_address',
  description: 'Where invoices go',
  required: isNew,
  schema: {
    type: 'object',
    properties: Object.fromEntries(Object.values(PARTS).map(([name, form]) => [name, schemaOf(form)])),
    ...(isNew && { required: NAMES.filter((name) => name !== 'line2') }),
  },
  read: (call) => {
    const value = given(call, 'billing_address')
    const held = isNew ? undefined : call.customer?.profile.billingAddress
    return (isNew || value !== undefined ? addressOf(value, 'billing_address', held) : undefined) as Address
  },
})

const profile = <IsNew extends boolean>(isNew: IsNew) => ({
  firstName: text(isNew, 'first_name', 'The first name', NAME),
  lastName: text(isNew, 'last_name', 'The last name', NAME),
  emailAddress: text(isNew, 'email', 'An e-mail address that no other customer has', EMAIL),
  mobileNumber: text(isNew, 'phone_number', 'With its country code, such as +2348012345678', PHONE, 'phone'),
  phone: {
    ...text(false, 'phone', 'The same as phone_number, and in its place, as one page calls it', PHONE),
    read: () => undefined,
  },
  billingAddress: address(isNew),
})

const KIND = text(true, 'type', 'What the customer is', TYPE)

/** The type is checked and not kept. */
export const NEW_CUSTOMER = { ...profile(true), type: { ...KIND, read: (call: Call) => void KIND.read(call) } }
export const CUSTOMER_CHANGE = profile(false)
