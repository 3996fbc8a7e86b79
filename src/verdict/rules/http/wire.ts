import { inferred, published } from '../../../api/evidence.js'
import { isCredential } from '../../../journal/redact.js'
import { quote } from '../../../lib/text.js'
import { PAGES } from '../../../vendors/juspay/pages.js'
import { type ClientCall, groupBy } from '../../client-call.js'
import { type ClientRule, offence, type Run } from '../../run.js'

const byOperation = (calls: readonly ClientCall[]) => groupBy(calls, ({ operation }) => [operation])

export const timeoutTooShort: ClientRule = {
  evidence: published(`“The recommended timeouts are based on TP99.9 data” (${PAGES.getWallet})`),
  *find(run) {
    const { factor } = run.merchant.latency
    // Where delays are shortened, a client's timeouts may be too.
    const scale = factor > 0 && factor < 1 ? factor : 1
    const limitOf = (call: ClientCall) => (run.operation(call)?.latency?.percentiles['99.9'] ?? 0) * scale
    const early = run.calls.filter((call) => (call.entry.hungUpMs ?? Number.POSITIVE_INFINITY) < limitOf(call))
    for (const [operation, calls] of byOperation(early)) {
      const shortest = calls.reduce((least, { entry }) => Math.min(least, entry.hungUpMs!), Number.POSITIVE_INFINITY)
      yield offence(
        `The client gave up ${operation} after ${Math.round(shortest)} ms; its TP99.9 is ${limitOf(calls[0]!)} ms.`,
        calls,
      )
    }
  },
}

/** A client that has not given up after so many recommended timeouts has none. */
const MOST_TIMEOUTS = 10

/** How long a client has waited for an answer, in ms. */
function waitOf({ ended, entry, endedAt, arrivedAt }: ClientCall, { context: { now } }: Run): number {
  if (ended === undefined || entry.hungUpMs !== null || ended.fault === 'hang')
    return Math.min(endedAt, now) - arrivedAt
  return ended.measuredMs
}

export const timeoutMissing: ClientRule = {
  evidence: published(`“Recommended Timeout(ms) | 1000” (${PAGES.getWallet})`),
  *find(run) {
    const limitOf = (call: ClientCall) =>
      (run.operation(call)?.latency?.timeoutMs ?? Number.POSITIVE_INFINITY) * MOST_TIMEOUTS
    const late = run.calls.filter((call) => waitOf(call, run) >= limitOf(call))
    for (const [operation, calls] of byOperation(late)) {
      const longest = calls.reduce((most, call) => Math.max(most, waitOf(call, run)), 0)
      yield offence(
        `The client waited ${Math.round(longest)} ms for ${operation}; the recommended timeout is ${limitOf(calls[0]!) / MOST_TIMEOUTS} ms.`,
        calls,
      )
    }
  },
}

/** So many connections of one call each are not a coincidence. */
const MIN_CONNECTIONS = 10

/** Clients give an idle connection up after some seconds. */
const MAX_IDLE_MS = 4000

/** Each run of a command has a process of its own, and the vendor's library for Node makes an agent for each call. */
const SINGLE_CALLS = /^(curl|wget|httpie|nodejs_sdk)\//i

export const connectionsNotReused: ClientRule = {
  evidence: inferred(
    'no page of the vendor; a connection for each call pays for a handshake each time, beside the published latency',
  ),
  *find({ calls }) {
    const known = new Set<number>()
    const fresh: ClientCall[] = []
    let before: ClientCall | undefined
    for (const call of calls) {
      const { connection } = call.entry
      if (connection === null || !call.hasKey || SINGLE_CALLS.test(call.header('user-agent') ?? '')) continue
      if (known.has(connection)) return
      known.add(connection)
      if (before && wasIdle(before, call)) fresh.push(call)
      before = call
    }
    if (fresh.length >= MIN_CONNECTIONS)
      yield offence(`${fresh.length} calls came on a new connection each while another was idle.`, fresh)
  },
}

function wasIdle(before: ClientCall, next: ClientCall): boolean {
  const idle = next.arrivedAt - before.endedAt
  const isOpen = !before.isLost && before.ended?.fault === null && before.answerHeader('connection') !== 'close'
  return isOpen && idle >= 0 && idle < MAX_IDLE_MS
}

/** Names, beside those of credentials, under which a query brings what must stay secret. */
const SECRET_NAMES = /^(response_?key|otp|direct_wallet_token)$/i

export const secretInQuery: ClientRule = {
  evidence: inferred(
    `“Username: API Key obtained from Juspay dashboard” (${PAGES.getWallet}): a key belongs in the Authorization header; what is in a query stands in the logs of every server on the way. A client_auth_token is published as a parameter`,
  ),
  *find(run) {
    const found = groupBy(run.calls, (call) => {
      const { request, knownKeys, key } = call.entry
      // The address of a page names its merchant, whose id may be its key.
      if (request.query === '' || run.operation(call)?.belongsTo) return []
      const isSecret = (name: string, value: string) =>
        isCredential(name) || SECRET_NAMES.test(name) || value === key || knownKeys.in(value).length > 0
      return [...call.query].flatMap(([name, value]) => (value !== '' && isSecret(name, value) ? [name] : []))
    })
    for (const [name, calls] of found)
      yield offence(
        `The parameter ${quote(name)} of ${calls.length === 1 ? 'a query' : `${calls.length} queries`} holds a secret.`,
        calls,
      )
  },
}
