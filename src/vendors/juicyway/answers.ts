import { integer, type JsonSchema, list, nullable, type OperationAnswers, object, text } from '../../api/json-schema.js'

/** Bodies of success, key by key in the vendor's order. Amounts are minor units. */

const uuid = (description: string) => text(description, { format: 'uuid' })
const time = (description: string) => text(description, { format: 'date-time' })
const money = (description: string) =>
  object({ amount: integer(`${description}, in minor units`), currency: text('The currency, such as USD') })

const STATUS = text('How the wallet stands', { enum: ['active', 'frozen', 'deleted'] })

const account = object({
  account_name: text('Whose account it is'),
  account_number: text('Ten digits; the first ones are masked for some keys'),
  account_type: text('Such as savings'),
  address: nullable(text('Where the owner lives')),
  bank_address: nullable(text('Where the bank is')),
  bank_code: text('The code of the bank'),
  bank_name: text('The bank'),
})

const event = object({
  action: text('What was done'),
  id: uuid('The id of the event'),
  inserted_at: time('When'),
  reason: nullable(text('Why')),
  wallet_id: uuid('The wallet'),
})

const accounts = list(account, 'Bank accounts that the wallet is paid into')

const wallet = object({
  account_id: uuid("The merchant's account"),
  balance: money('What the wallet holds'),
  customer_id: text('Whose wallet it is'),
  events: list(event, 'What was done to the wallet'),
  id: uuid('The id of the wallet'),
  payment_methods: accounts,
  status: STATUS,
})

const side = nullable(object({ id: uuid('A wallet'), type: text('Always wallet', { const: 'wallet' }) }))
const TYPE = text('The direction', { enum: ['credit', 'debit'] })

const transaction = object({
  account_id: uuid("The merchant's account"),
  amount: money('How much'),
  correlation_id: uuid('What belongs together'),
  created_at: time('When it was made'),
  customer_id: text('Whose wallet it is'),
  description: nullable(text('What it is for')),
  destination: side,
  error: { type: 'null' },
  fee: money('What it costs'),
  id: uuid('The id of the transaction'),
  metadata: object({}),
  reference: text('A number for people'),
  source: side,
  type: TYPE,
  updated_at: time('When it was last changed'),
  wallet_id: uuid('The wallet'),
})

const CUSTOMER = {
  id: text('The id of the customer'),
  first_name: nullable(text('The first name')),
  last_name: nullable(text('The last name')),
  email: nullable(text('An e-mail address')),
  phone_number: nullable(text('With its country code')),
  billing_address: nullable(
    object({
      line1: text('Street and number'),
      line2: nullable(text('What else the address needs')),
      city: text('The city'),
      state: text('The state'),
      zip_code: text('The code of the place'),
      country: text('A country code of two letters'),
    }),
  ),
}

const data = (body: JsonSchema, status = 200) => ({ status, body: object({ data: body }) })

const paged = (row: JsonSchema) => ({
  status: 200,
  body: object({
    data: list(row),
    pagination: object({
      after: nullable(text('The cursor to older rows')),
      before: nullable(text('The cursor to newer rows')),
      limit: integer('The most rows of a page'),
    }),
  }),
})

export const answers: OperationAnswers = {
  'juicyway.createCustomer': data(
    object({
      id: CUSTOMER.id,
      status: text('Always pending_kyc here', { const: 'pending_kyc' }),
      created_at: nullable(time('When it was made')),
    }),
    201,
  ),
  'juicyway.getCustomer': data(
    object({
      ...CUSTOMER,
      created_at: nullable(time('When it was made')),
      updated_at: nullable(time('When it was last changed')),
    }),
  ),
  'juicyway.updateCustomer': data(object(CUSTOMER)),
  'juicyway.createWallet': data(
    object({
      id: uuid('The id of the wallet'),
      account_id: uuid("The merchant's account"),
      customer_id: text('Whose wallet it is'),
      balance: money('What the wallet holds'),
      status: STATUS,
    }),
    201,
  ),
  'juicyway.listWallets': paged(wallet),
  'juicyway.retrieveWallet': data(wallet),
  'juicyway.updateWalletStatus': data(wallet),
  'juicyway.addPaymentMethod': data(
    object({
      id: uuid('The id of the wallet'),
      status: STATUS,
      payment_methods: accounts,
      balance: money('What the wallet holds'),
    }),
  ),
  'juicyway.createTransaction': data(
    object({
      transaction_id: uuid('The id of the transaction'),
      wallet_id: uuid('The wallet'),
      type: TYPE,
      amount: integer('How much, in minor units'),
      balance_after: integer('What the wallet holds after it, in minor units'),
      created_at: time('When it was made'),
    }),
  ),
  'juicyway.listTransactions': paged(transaction),
  'juicyway.retrieveTransaction': data(transaction),
}
