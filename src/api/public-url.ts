/** How clients reach the sandbox where they do not address it directly. */
export interface PublicAddress {
  /** Scheme, host and path without a slash at its end. */
  readonly publicUrl?: string | undefined
  /** Whether the proxy in front says in `X-Forwarded-Proto` and `X-Forwarded-Host` what a client addressed. */
  readonly trustProxy: boolean
}

/** The base URL that a client addressed, as far as a setting or a trusted proxy says so. */
export function publicUrlOf(
  { publicUrl, trustProxy }: PublicAddress,
  hostUrl: string,
  header: (name: string) => string | null | undefined,
): string | undefined {
  if (publicUrl !== undefined || !trustProxy) return publicUrl
  // Of several proxies, the first spoke with the client.
  const [scheme, host] = ['x-forwarded-proto', 'x-forwarded-host'].map(
    (name) => /[^\s,]+/.exec(header(name) ?? '')?.[0],
  )
  if (scheme === undefined && host === undefined) return undefined
  const [ownScheme, ownHost] = hostUrl.split('://')
  const url = `${scheme ?? ownScheme}://${host ?? ownHost}`
  return /^https?:\/\/[\w.:[\]-]+$/i.test(url) && URL.canParse(url) ? new URL(url).origin : undefined
}
