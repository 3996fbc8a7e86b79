/** Everything a request can be refused for: each vendor says for each name which form it has, or that it has none. */
export const ERROR_NAMES = [
  'invalid_authentication',
  'forbidden',
  'bad_request',
  'not_found',
  'method_not_allowed',
  'payload_too_large',
  'customer_not_found',
  'wallet_not_found',
  'conflict',
  'unprocessable',
  'insufficient_balance',
  'order_not_found',
  'otp_required',
  'invalid_otp',
  'otp_locked',
  'token_expired',
  'rate_limited',
  'server_error',
  'provider_unavailable',
  'provider_timeout',
  'maintenance',
] as const

export type ErrorName = (typeof ERROR_NAMES)[number]

/** What is wrong with each field, in the vendor's words. */
export type FieldFaults = Readonly<Record<string, readonly string[]>>

/** What a vendor's error body may need beyond its name. */
export interface RefusalDetails {
  /** The message of the vendor's body, where the vendor has no fixed one. */
  message?: string
  /** The code of the vendor's body, where it depends on more than the error's name. */
  code?: string
  /** The fields of the request that are wrong. */
  fields?: readonly string[]
  order?: string
  faults?: FieldFaults
  /** Extra response headers, such as Allow. */
  headers?: Readonly<Record<string, string>>
}

/**
 * A request that is not served: `name` chooses the vendor's body, `reason` is one plain sentence for the developer. It is
 * thrown but is not an Error, because a stack trace would cost more than the answer.
 */
export class Refusal {
  readonly name: ErrorName
  readonly reason: string
  readonly details: RefusalDetails

  constructor(name: ErrorName, reason: string, details: RefusalDetails = {}) {
    this.name = name
    this.reason = reason
    this.details = details
  }
}

/** Something the user gave (a file, a flag, a control request) that cannot be used; every line is one clear sentence. */
export class InputError extends Error {
  /** Kept where names are made short. */
  static override readonly name = 'InputError'
  readonly lines: readonly string[]

  constructor(lines: string | readonly string[]) {
    const all = typeof lines === 'string' ? [lines] : lines
    super(all.join('\n'))
    this.name = 'InputError'
    this.lines = all
  }
}

/** The most sentences reported at once: what has a thousand faults has one cause. */
export const MAX_FAULTS = 20

/** Faults as they are found, up to the most that are reported at once. */
export class Faults {
  readonly #where: string
  readonly #lines: string[] = []

  /** @param where whose faults they are */
  constructor(where: string) {
    this.#where = where
  }

  get some(): boolean {
    return this.#lines.length > 0
  }

  /** @throws InputError when there is one too many to report */
  add(line: string): void {
    if (this.#lines.length === MAX_FAULTS) throw new InputError([...this.#lines, `${this.#where}: and more`])
    this.#lines.push(line)
  }

  /** @throws InputError when there are any */
  refuse(): void {
    if (this.some) throw new InputError(this.#lines)
  }
}
