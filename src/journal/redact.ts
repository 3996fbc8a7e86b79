/** Shorter texts are no secrets, and would be found in every second word. */
const SHORTEST_SECRET = 8

/** What a client presented to say who it is. */
export interface Presented {
  readonly authorization: string | null
  /** The API key in it. */
  readonly key: string | undefined
  /** For a `sandbox_…` key the merchant's id is the key, and no secret. */
  readonly merchant: string
}

/** The texts that must not be shown: the API key, and the form in which it was sent. */
export function secretsOf({ authorization, key, merchant }: Presented): string[] {
  return [key ?? '', ...(authorization?.split(/\s+/) ?? [])].filter(
    (text) => text.length >= SHORTEST_SECRET && text !== merchant,
  )
}

/** The text with every secret in it blotted out. */
export function redact(secrets: readonly string[], text: string): string {
  return secrets.reduce((shown, secret) => shown.replaceAll(secret, 'redacted'), text)
}
