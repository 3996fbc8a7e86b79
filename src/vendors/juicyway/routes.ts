import { Hono } from 'hono'
import type { Serve } from '../../api/vendor.js'
import { createCustomer, getCustomer, updateCustomer } from './operations/customers.js'
import { createTransaction, listTransactions, retrieveTransaction } from './operations/transactions.js'
import { addPaymentMethod, createWallet, listWallets, retrieveWallet, updateStatus } from './operations/wallets.js'

export const routes = (serve: Serve) =>
  new Hono()
    .post('/customers', serve(createCustomer))
    .get('/customers/:customer', serve(getCustomer))
    .patch('/customers/:customer', serve(updateCustomer))
    .post('/wallets', serve(createWallet))
    .get('/wallets/all', serve(listWallets))
    .post('/wallets/transactions', serve(createTransaction))
    .get('/wallets/transactions', serve(listTransactions))
    .get('/wallets/transactions/:transaction', serve(retrieveTransaction))
    .get('/wallets/:wallet', serve(retrieveWallet))
    .patch('/wallets/:wallet/status', serve(updateStatus))
    .post('/wallets/:wallet/payment-method', serve(addPaymentMethod))
