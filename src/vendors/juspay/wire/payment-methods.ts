import { GATEWAYS, gatewayOf } from '../../../wallets/gateways.js'

/** Payment methods as the vendor's sample prints them; all but the wallets are the sample's. */
const OTHERS = [
  ['NB', 'NB_AXIS', 'Axis Bank'],
  ['NB', 'NB_BOI', 'Bank of India'],
  ['NB', 'NB_BOM', 'Bank of Maharashtra'],
  ['NB', 'NB_CBI', 'Central Bank Of India'],
  ['UPI', 'UPI', 'Pay with UPI'],
  ['CARD', 'VISA', 'Visa'],
  ['CARD', 'MASTER', 'Mastercard'],
  ['CARD', 'RUPAY', 'Rupay'],
] as const

/** The wallet that the sample shows without direct debit. */
const REDIRECT_ONLY = 'PAYPAL'

/** @param tellsDirectDebit whether rows of wallets say if a token can pay */
export const paymentMethodsBody = (tellsDirectDebit: boolean) => ({
  payment_methods: [
    ...GATEWAYS.map((name) => ({
      payment_method_type: 'WALLET',
      payment_method: name,
      description: gatewayOf(name)!.title,
      ...(tellsDirectDebit ? { wallet_direct_debit_support: name !== REDIRECT_ONLY } : {}),
    })),
    ...OTHERS.map(([payment_method_type, payment_method, description]) => ({
      payment_method_type,
      payment_method,
      description,
    })),
  ],
})
