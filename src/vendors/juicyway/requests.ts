import { choice, type Field, type Fields, type OperationRequests, text, wholeNumber } from '../../api/request.js'

/** What the operations read of a query and of a JSON body. */

const id = (description: string, required = false) => text(description, { required })

const PAGE: Fields = {
  limit: wholeNumber('The most rows of a page', { minimum: 1, maximum: 100, default: 15 }),
  after: text('The cursor to older rows, as an answer gave it'),
  before: text('The cursor to newer rows, as an answer gave it'),
}

const ADDRESS: Readonly<Record<string, object>> = {
  line1: { type: 'string', minLength: 1, maxLength: 100 },
  line2: { type: ['string', 'null'], maxLength: 100 },
  city: { type: 'string', minLength: 1, maxLength: 100 },
  state: { type: 'string', minLength: 1, maxLength: 100 },
  zip_code: { type: 'string', minLength: 1, maxLength: 100 },
  country: { type: 'string', pattern: '^[A-Z]{2}$', description: 'A country code of two letters' },
}

const profile = (required: boolean): Fields => {
  const name = (description: string) => text(description, { required, maxLength: 100 })
  const address: Field = {
    schema: {
      type: 'object',
      properties: ADDRESS,
      ...(required && { required: ['line1', 'city', 'state', 'zip_code', 'country'] }),
    },
    required,
    description: 'Where invoices go',
  }
  return {
    first_name: name('The first name'),
    last_name: name('The last name'),
    email: text('An e-mail address that no other customer has', { required, format: 'email' }),
    phone_number: text('With its country code, such as +2348012345678', {
      required,
      pattern: '^\\+[1-9]\\d{6,14}$',
    }),
    phone: text('The same as phone_number, and in its place, as one page calls it', { pattern: '^\\+[1-9]\\d{6,14}$' }),
    billing_address: address,
  }
}

const reason = text('Why, for the history of the wallet', { minLength: 0 })

export const requests: OperationRequests = {
  'juicyway.createCustomer': {
    summary: 'Creates a customer.',
    body: { ...profile(true), type: choice('What the customer is', ['individual', 'business'], { required: true }) },
  },
  'juicyway.getCustomer': { summary: 'Shows a customer.' },
  'juicyway.updateCustomer': { summary: 'Changes the fields of a customer that are sent.', body: profile(false) },
  'juicyway.createWallet': {
    summary: 'Creates a wallet of a customer in a currency.',
    body: {
      customer_id: id('The customer', true),
      currency: choice('The currency', ['NGN', 'USD', 'GBP', 'EUR', 'CAD'], { required: true }),
    },
  },
  'juicyway.listWallets': {
    summary: 'Lists wallets, the newest first.',
    query: {
      customer_id: id('Those of one customer'),
      currency: text('Those of one currency', { pattern: '^[A-Z]{3}$' }),
      status: choice('Those of one status', ['active', 'frozen', 'deleted']),
      ...PAGE,
    },
  },
  'juicyway.retrieveWallet': { summary: 'Shows a wallet.' },
  'juicyway.updateWalletStatus': {
    summary: 'Freezes, activates or deletes a wallet.',
    body: { status: choice('The new status', ['active', 'frozen', 'deleted'], { required: true }), reason },
  },
  'juicyway.addPaymentMethod': {
    summary: 'Gives a wallet a bank account to be paid into.',
    body: { type: choice('What is added', ['bank_account'], { required: true }) },
  },
  'juicyway.createTransaction': {
    summary: 'Credits or debits a wallet.',
    body: {
      wallet_id: id('The wallet', true),
      type: choice('The direction', ['credit', 'debit'], { required: true }),
      amount: {
        schema: { type: 'integer', minimum: 1, maximum: 1e15 },
        required: true,
        description: 'How much, in minor units such as cents',
      },
      description: text('What it is for', { minLength: 0 }),
    },
  },
  'juicyway.listTransactions': {
    summary: 'Lists transactions, the newest first.',
    query: {
      customer_id: id('Those of one customer'),
      wallet_id: id('Those of one wallet'),
      type: choice('Those of one direction', ['credit', 'debit']),
      ...PAGE,
    },
  },
  'juicyway.retrieveTransaction': { summary: 'Shows a transaction.' },
}
