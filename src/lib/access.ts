import { credentialFor } from './credential.js'

/** What a client needs for a merchant of its own. */
export interface Access {
  /** The base URL, such as `http://127.0.0.1:40123`. */
  readonly url: string
  /** An API key of the merchant, good for every vendor. */
  readonly key: string
  readonly merchantId: string
  /** For paths too. A request without Authorization is sent with the key, as Juspay's clients do. */
  fetch(input: string | URL, init?: RequestInit): Promise<Response>
}

/** @param key the merchant's id too */
export const accessTo = (key: string, url: string, fetch: typeof globalThis.fetch): Access => ({
  url,
  key,
  merchantId: key,
  fetch(input, init = {}) {
    const headers = new Headers(init.headers)
    if (!headers.has('authorization')) headers.set('authorization', credentialFor('Basic', key))
    return fetch(new URL(input, url), { ...init, headers })
  },
})
