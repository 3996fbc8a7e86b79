import { published } from '../../../api/evidence.js'
import { quote } from '../../../lib/text.js'
import { PAGES } from '../../../vendors/juspay/pages.js'
import type { ClientCall } from '../../client-call.js'
import { type ClientRule, offence } from '../../run.js'

const REFUNDS: ReadonlySet<string> = new Set(['juspay.refundOrder', 'juspay.refundPayment'])

/** What is given back: an order, or the payment that the request names in its place. */
const refundedBy = ({ order, entry, fields }: ClientCall) =>
  order ?? /\/orders\/txns\/([^/]+)/.exec(entry.request.path)?.[1] ?? fields.get('txn_id')

const isDuplicate = ({ answer }: ClientCall) =>
  (answer as { error_code?: unknown } | undefined)?.error_code === 'duplicate.call'

/** All that is left, where no amount is sent. */
const amountOf = ({ fields }: ClientCall) => Number(fields.get('amount') ?? Number.NaN)

export const refundRepeatedByAnotherId: ClientRule = {
  evidence: published(
    `“A refund call was already completed with this unique_request_id for the order” (${PAGES.refund}): the money is on its way, and another id sends it once more`,
  ),
  *find({ calls }) {
    /** Refunds that were refused because the money goes back already, until the client reads the order. */
    const refused = new Map<string, ClientCall>()
    for (const call of calls) {
      const { operation, order } = call
      if (operation === 'juspay.listOrders' && call.isSuccess) refused.clear()
      if (operation === 'juspay.getOrder' && call.isSuccess && order !== undefined) refused.delete(order)
      const subject = REFUNDS.has(operation) ? refundedBy(call) : undefined
      if (subject === undefined) continue
      const before = refused.get(subject)
      const id = call.fields.get('unique_request_id')
      if (
        before &&
        call.arrivedAt >= before.endedAt &&
        id !== before.fields.get('unique_request_id') &&
        Object.is(amountOf(call), amountOf(before))
      )
        yield offence(
          `The refund of ${quote(subject)} was sent again by another unique_request_id after duplicate.call, without asking for the order.`,
          [before, call],
        )
      if (!call.isLost && isDuplicate(call)) refused.set(subject, call)
      else if (call.isSuccess) refused.delete(subject)
    }
  },
}
