import { published } from '../../../api/evidence.js'
import { counted, quote } from '../../../lib/text.js'
import { PAGES } from '../../../vendors/juspay/pages.js'
import { type ClientCall, groupBy } from '../../client-call.js'
import { type ClientRule, offence, type Run } from '../../run.js'

const HEADER = 'x-routing-id'

/** The pages that ask for the header are of the default version; the libraries of older ones never send it. */
const FIRST_VERSION = '2019'

/** Calls of a merchant's server that say whose they are, by customer. */
const byCustomer = ({ calls }: Run) =>
  groupBy(calls, ({ customer, hasKey, status, entry }) =>
    entry.vendor !== 'juspay' || customer === null || !hasKey || status === 401 ? [] : [customer],
  )

const isOld = (call: ClientCall) => (call.header('version') ?? FIRST_VERSION) < FIRST_VERSION

export const routingIdMissing: ClientRule = {
  evidence: published(`“x-routing-id: … Tags: String, Required” (${PAGES.listWallets})`),
  *find(run) {
    for (const [customer, calls] of byCustomer(run)) {
      const isSent = calls.some((call) => call.header(HEADER))
      const missing = calls.filter(
        (call) =>
          !call.header(HEADER) &&
          !isOld(call) &&
          (isSent || (run.operation(call)?.requiredHeaders?.includes(HEADER) ?? false)),
      )
      if (missing.length > 0)
        yield offence(
          `${HEADER} is missing on ${missing.length} of ${counted(calls.length, 'call')} of customer ${quote(customer)}.`,
          missing,
        )
    }
  },
}

export const routingIdChanges: ClientRule = {
  evidence: published(
    `“it’s crucial that you use the same x-routing-id for all requests tied to the same customer” (${PAGES.listWallets})`,
  ),
  *find(run) {
    for (const [customer, calls] of byCustomer(run)) {
      const firsts = new Map<string, ClientCall>()
      for (const call of calls) {
        const id = call.header(HEADER)
        if (id && !firsts.has(id)) firsts.set(id, call)
      }
      if (firsts.size > 1)
        yield offence(
          `Customer ${quote(customer)} came with ${firsts.size} values of ${HEADER}: ${[...firsts.keys()].slice(0, 3).map(quote).join(', ')}.`,
          [...firsts.values()],
        )
    }
  },
}
