import { Hono } from 'hono'
import { byField, type Serve } from '../../api/vendor.js'
import { createCustomer, getCustomer, listCustomers, updateCustomer } from './operations/customers.js'
import { checkEligibility } from './operations/eligibility.js'
import { authenticateWallet, delinkWallet, linkWallet, updateWalletMobile } from './operations/linking.js'
import { decideOrderPage, followOrderLink, openOrderPage } from './operations/order-pages.js'
import { createOrder, getOrder, listOrders, listOrderWallets, updateOrder } from './operations/orders.js'
import { listPaymentMethods } from './operations/payment-methods.js'
import { decidePayment, finishPayment, openPayment } from './operations/payment-pages.js'
import { refundOrder, refundPayment } from './operations/refunds.js'
import { createSession } from './operations/sessions.js'
import { finishTopUp, openTopUp, topUpWallet } from './operations/top-ups.js'
import { debitWallet } from './operations/txns.js'
import { createWallet, getWallet, listWallets, refreshAllWallets, refreshWallet } from './operations/wallets.js'

/** What the vendor's API has beside wallets, orders and customers. */
export const UNSERVED =
  /^\/(v\d+\/)?(cards?|offers?|mandates?|upi|eligibility|payout)(\/|$)|^\/v4\/|^\/(customers|orders)\/[^/]+\/(cards|mandates|offers|fulfillment)(\/|$)/

/** Juspay's wallet API. The vendor's client libraries refresh by GET, and older ones know orders by `/order/…`. */
export const routes = (serve: Serve) =>
  new Hono()
    .get('/wallets/:wallet', serve(byField('command', { '': getWallet, refresh: refreshWallet }, { inGetBody: true })))
    .get('/customers/:customer/wallets', serve(listWallets))
    .get('/customers/:customer/wallets/refresh-balances', serve(refreshAllWallets))

    .post('/customers/:customer/wallets', serve(createWallet))
    .post(
      '/wallets/:wallet',
      serve(
        byField('command', {
          refresh: refreshWallet,
          authenticate: authenticateWallet,
          resend: authenticateWallet,
          link: linkWallet,
          delink: delinkWallet,
          update: updateWalletMobile,
        }),
      ),
    )
    .post('/wallets/:wallet/topup', serve(topUpWallet))
    .get('/wallets/topup/start/:topUp', serve(openTopUp))
    .post('/wallets/topup/start/:topUp', serve(finishTopUp))

    .post('/customers', serve(createCustomer))
    .get('/customers', serve(listCustomers))
    .get('/customers/:customer', serve(getCustomer))
    .post('/customers/:customer', serve(updateCustomer))
    .post('/customers/:customer/eligibility', serve(checkEligibility))

    .post('/orders', serve(createOrder))
    .post('/order/create', serve(createOrder))
    .get('/orders/:order', serve(getOrder))
    .post('/orders/:order', serve(updateOrder))
    .post('/orders/:order/refunds', serve(refundOrder))
    .post('/orders/txns/:payment/refunds', serve(refundPayment))
    .post('/refunds', serve(refundPayment))
    .get('/order/status', serve(getOrder))
    .get('/order/status/:order', serve(getOrder))
    .post('/order/status', serve(getOrder))
    .get('/orders/:order/wallets', serve(listOrderWallets))
    .post('/order/update', serve(updateOrder))
    .post('/order/refund', serve(refundOrder))
    .get('/order/list', serve(listOrders))

    .post('/session', serve(createSession))
    .get('/orders/:payment/payment-page', serve(openOrderPage))
    .post('/orders/:payment/payment-page', serve(decideOrderPage))
    .get('/merchant/pay/:payment', serve(followOrderLink))
    .get('/merchant/ipay/:payment', serve(followOrderLink))

    .post('/txns', serve(debitWallet))
    .get('/v2/pay/start/:merchant/:payment', serve(openPayment))
    .post('/v2/pay/start/:merchant/:payment', serve(decidePayment))
    .get('/pay/finish/:merchant/:payment', serve(finishPayment))
    .get('/merchants/:merchant/paymentmethods', serve(listPaymentMethods))
