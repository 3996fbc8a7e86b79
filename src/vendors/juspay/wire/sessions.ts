import type { Body } from '../../../api/body.js'
import { timestamp } from '../../../lib/clock.js'
import { drawHexPair } from '../../../lib/random.js'
import { majorOf } from '../../../wallets/money.js'
import type { ClientAuth } from './customers.js'
import type { Shown } from './orders.js'

/** Fields whose names in the payload do not follow from those in the request. */
const OWN = ['payment_page_client_id', 'amount', 'order_id', 'merchant_id', 'currency']

/** Fields that the samples show, in the order which most of them share; others follow as they were sent. */
const SHOWN = 'action customer_id return_url currency customer_phone customer_email order_id description'.split(' ')

/** `customer_email` as `customerEmail`; what stands behind a dot is the merchant's own. */
const camelCase = (name: string) => {
  const [head = '', ...rest] = name.split('.')
  return [head.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()), ...rest].join('.')
}

export function sessionBody(shown: Shown, auth: ClientAuth, { fields, json }: Body, web: string) {
  const { order, merchantId, seed } = shown
  const sent = new Map<string, unknown>(json ?? fields)
  const given: Record<string, unknown> = {}
  for (const name of [...SHOWN, ...sent.keys()]) {
    if (name === 'currency') given.currency = order.currency
    else if (name === 'order_id') given.orderId = order.reference
    else if (!OWN.includes(name) && sent.get(name) !== undefined && sent.get(name) !== null)
      given[camelCase(name)] = sent.get(name)
  }
  return {
    status: 'NEW',
    id: order.id,
    order_id: order.reference,
    payment_links: { web, expiry: null },
    sdk_payload: {
      requestId: drawHexPair(seed, 'session', merchantId, order.id, auth.expiresAt).join(''),
      service: 'in.juspay.hyperpay',
      payload: {
        clientId: fields.get('payment_page_client_id'),
        amount: withDecimal(majorOf(order.amount)),
        merchantId,
        clientAuthToken: auth.token,
        clientAuthTokenExpiry: timestamp(auth.expiresAt),
        environment: 'sandbox',
        ...given,
      },
    },
  }
}

/** As the samples print an amount: `3` as `3.0`. */
const withDecimal = (amount: number) => (Number.isInteger(amount) ? `${amount}.0` : String(amount))
