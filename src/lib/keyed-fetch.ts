import { credentialFor } from './credential.js'

/** A `fetch` for paths too. A request without Authorization is sent with the key, as Juspay's clients do. */
export const keyedFetch =
  (fetch: (url: URL, init: RequestInit) => Promise<Response>, base: string, key: string) =>
  (input: string | URL, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers)
    if (!headers.has('authorization')) headers.set('authorization', credentialFor('Basic', key))
    return fetch(new URL(input, base), { ...init, headers })
  }
