import type { ServerOptions } from 'node:http'

/** What one client may take. Each limit is answered with its own status and a sentence. */
export const LIMITS = {
  maxHeaderSize: 16_384,
  /** To send the head, and the whole request, in ms. */
  headersTimeout: 5_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 1_000,
  /** Longer than any client pools an idle connection: the side that closes first may meet a request on its way. */
  keepAliveTimeout: 75_000,
  /** Node would answer without a sentence, and the journal would not have the request. */
  requireHostHeader: false,
} as const satisfies ServerOptions
