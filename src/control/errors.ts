import { InputError } from '../lib/errors.js'

/** Why the control API refuses, by its code, with the HTTP status. */
export const CONTROL_STATUS = {
  invalid_request: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  payload_too_large: 413,
  unsupported_media_type: 415,
  not_stored: 507,
} as const

export type ControlCode = keyof typeof CONTROL_STATUS

/** What the control API refuses for another reason than bad input. */
export class ControlError extends InputError {
  readonly code: ControlCode
  readonly headers: Readonly<Record<string, string>>

  constructor(code: ControlCode, sentence: string, headers: Readonly<Record<string, string>> = {}) {
    super(sentence)
    this.code = code
    this.headers = headers
  }
}
