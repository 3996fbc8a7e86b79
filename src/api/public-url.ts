/** How clients reach the sandbox where they do not address it directly. */
export interface PublicAddress {
  /** Scheme, host and path without a slash at its end. */
  readonly publicUrl?: string | undefined
  /** Whether the proxy in front says in `X-Forwarded-Proto` and `X-Forwarded-Host` what a client addressed. */
  readonly trustProxy: boolean
}

/** A header by its name in lower case. */
export type HeaderOf = (name: string) => string | null | undefined

/** The base URL that a client addressed, as far as a setting or a trusted proxy says so. */
export function publicUrlOf({ publicUrl, trustProxy }: PublicAddress, hostUrl: string, header: HeaderOf) {
  if (publicUrl !== undefined || !trustProxy) return publicUrl
  // Of several proxies, the first spoke with the client.
  const first = (name: string) => /[^\s,]+/.exec(header(name) ?? '')?.[0]
  const [scheme, host] = [first('x-forwarded-proto'), first('x-forwarded-host')]
  if (scheme === undefined && host === undefined) return undefined
  const [ownScheme, ownHost] = hostUrl.split('://')
  const url = `${scheme ?? ownScheme}://${host ?? ownHost}`
  return /^https?:\/\/[\w.:[\]-]+$/i.test(url) && URL.canParse(url) ? new URL(url).origin : undefined
}
