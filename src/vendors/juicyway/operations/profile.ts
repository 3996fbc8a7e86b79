import type { Call } from '../../../api/call.js'
import { LONGEST } from '../../../lib/bounds.js'
import { Refusal } from '../../../lib/errors.js'
import { quote } from '../../../lib/text.js'
import type { Address, Profile } from '../../../wallets/model.js'
import { requireJson } from '../require.js'

/** What the fields of a customer must be. The pages name the forms; texts are at most as long as names are. */

/** A text of a form, and the vendor's words where it is another. */
interface FieldRule {
  readonly form: RegExp
  readonly allowed: string
  readonly fault?: string
  readonly isOptional?: true
}

const TEXT: FieldRule = { form: /^.{1,100}$/su, allowed: 'text of up to 100 characters' }
const NAME: FieldRule = {
  form: /^[\p{L}\p{M} '’-]{1,100}$/u,
  allowed: 'up to 100 letters, spaces, hyphens and apostrophes',
}
const EMAIL: FieldRule = {
  form: /^[^\s@]{1,64}@[^\s@]{1,185}\.[^\s@.]{1,63}$/,
  allowed: 'an address such as ada@example.com',
  fault: 'Invalid email format',
}
const PHONE: FieldRule = {
  form: /^\+[1-9]\d{6,14}$/,
  allowed: 'a number with its country code, such as +2348012345678',
  fault: 'Invalid phone number format',
}
const TYPE: FieldRule = { form: /^(individual|business)$/, allowed: '"individual" or "business"' }
const COUNTRY: FieldRule = { form: /^[A-Z]{2}$/, allowed: 'a country code of two letters, such as NG' }

const ADDRESS = {
  line1: TEXT,
  line2: { ...TEXT, isOptional: true },
  city: TEXT,
  state: TEXT,
  zip_code: TEXT,
  country: COUNTRY,
} satisfies Record<string, FieldRule>

/** Collects what is wrong, so that one refusal names every field. */
class Faults {
  readonly #reasons: string[] = []
  readonly #faults: Record<string, string[]> = {}

  add(name: string, value: unknown, { allowed, fault = `Invalid ${name}` }: FieldRule): void {
    this.#reasons.push(`${name} is ${quote(value)}; send ${allowed}.`)
    this.#faults[name] = [value === undefined ? `Missing ${name}` : fault]
  }

  throwIfAny(error: 'bad_request' | 'unprocessable'): void {
    if (this.#reasons.length > 0) throw new Refusal(error, this.#reasons.join(' '), { faults: this.#faults })
  }
}

/** The published examples: a wrong email is a 422, anything else a 400. */
class CustomerForm {
  readonly #json: ReadonlyMap<string, unknown>
  readonly #malformed = new Faults()
  readonly #invalid = new Faults()

  constructor(call: Call) {
    this.#json = requireJson(call)
  }

  /** Undefined where it is left out or null. */
  value(name: string): unknown {
    return this.#json.get(name) ?? undefined
  }

  text(name: string, rule: FieldRule, value = this.value(name)): string {
    if (typeof value === 'string' && value.length <= LONGEST.text && rule.form.test(value)) return value
    const faults = rule === EMAIL && value !== undefined ? this.#invalid : this.#malformed
    if (!(value === undefined && rule.isOptional)) faults.add(name, value, rule)
    return ''
  }

  /** One page has `phone`, the others `phone_number`. */
  get phoneName(): string {
    return this.value('phone_number') === undefined && this.value('phone') !== undefined ? 'phone' : 'phone_number'
  }

  /** @param held the address whose parts stay where the request leaves them out */
  address(held: Address | undefined): Address {
    const given = this.value('billing_address')
    if (typeof given !== 'object' || Array.isArray(given)) {
      this.#malformed.add('billing_address', given, {
        ...TEXT,
        allowed: `an object with ${Object.keys(ADDRESS).join(', ')}`,
      })
      return NO_ADDRESS
    }
    const parts = { ...given } as Readonly<Record<string, unknown>>
    const part = (name: keyof typeof ADDRESS, before: string | null | undefined): string =>
      this.text(
        `billing_address.${name}`,
        ADDRESS[name],
        (Object.hasOwn(parts, name) ? parts[name] : null) ?? before ?? undefined,
      )
    return {
      line1: part('line1', held?.line1),
      line2: part('line2', held?.line2) || null,
      city: part('city', held?.city),
      state: part('state', held?.state),
      zipCode: part('zip_code', held?.zipCode),
      country: part('country', held?.country),
    }
  }

  check(): void {
    this.#malformed.throwIfAny('bad_request')
    this.#invalid.throwIfAny('unprocessable')
  }
}

const NO_ADDRESS: Address = { line1: '', line2: null, city: '', state: '', zipCode: '', country: '' }

/** All that Create Customer requires. */
export function wholeProfile(call: Call) {
  const form = new CustomerForm(call)
  const profile = {
    firstName: form.text('first_name', NAME),
    lastName: form.text('last_name', NAME),
    emailAddress: form.text('email', EMAIL),
    mobileNumber: form.text(form.phoneName, PHONE, form.value(form.phoneName)),
    billingAddress: form.address(undefined),
  }
  form.text('type', TYPE)
  form.check()
  return profile
}

/** What Update Customer changes: an empty text clears a field, and null leaves it as it is. */
export function profileChange(call: Call, before: Profile): Partial<Profile> {
  const form = new CustomerForm(call)
  const changed = (name: string, rule: FieldRule): string | null | undefined => {
    const value = form.value(name)
    if (value === undefined) return undefined
    return value === '' ? null : form.text(name, rule)
  }
  const change = {
    firstName: changed('first_name', NAME),
    lastName: changed('last_name', NAME),
    emailAddress: changed('email', EMAIL),
    mobileNumber: changed(form.phoneName, PHONE),
    billingAddress: form.value('billing_address') === undefined ? undefined : form.address(before.billingAddress),
  }
  // A number with its country code replaces one that was told in two parts.
  const mobileCountryCode = change.mobileNumber === undefined ? undefined : null
  form.check()
  return Object.fromEntries(Object.entries({ ...change, mobileCountryCode }).filter(([, value]) => value !== undefined))
}
