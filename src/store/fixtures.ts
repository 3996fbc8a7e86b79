import { z } from 'zod'
import { ERROR_NAMES } from '../errors.js'
import { KEY_LISTS, type KeyListName, perVendor, VENDOR_NAMES } from '../keys.js'
import { allowed, flag, instant, list, object, oneOf, type PlaceOf, pathText, text } from '../schema.js'
import { minorOf } from '../wallets/money.js'

/**
 * The form of a fixture file. Loaded only to check files that users bring: zod costs more time than the whole start.
 * Amounts of `wallets` are in rupees, those of `currencyWallets` in minor units, as their vendors print them.
 */

export const amount = () => {
  const what = allowed('an amount of at most ten trillion with at most two decimals, such as 109.55')
  return z.number(what).refine((value) => minorOf(value) !== undefined, what)
}

const count = () => {
  const what = allowed('a whole number from 0')
  return z.int(what).nonnegative(what)
}

const subDetail = object({
  paymentMethod: text(),
  paymentMethodType: text().optional(),
  balance: amount(),
  lastRefreshed: instant().optional(),
})

const token = z.union(
  [text(), object({ value: text(), expiresAt: instant().optional(), used: flag().optional() })],
  allowed('the text of a token, or {"value", "expiresAt", "used"}'),
)

const returnUrl = () => text('a URL of 1 to 2048 characters', 2048)

const topUp = object({
  id: text(),
  reference: text(),
  amount: amount(),
  status: oneOf(['PENDING', 'SUCCESS', 'FAILED']).optional(),
  returnUrl: returnUrl().optional(),
})

const order = object({
  id: text(),
  reference: text(),
  customerName: text().optional(),
  amount: amount(),
  currency: text().optional(),
  email: text().optional(),
  phone: text().optional(),
  returnUrl: returnUrl().optional(),
  createdAt: instant(),
  payments: list(
    object({ id: text(), walletId: text(), gateway: text(), status: oneOf(['CHARGED', 'PENDING']), at: instant() }),
  ).optional(),
})

const walletFields = {
  id: text(),
  wallet: text('the name of a wallet, such as "PAYTM"'),
  linked: flag().optional(),
  balance: amount().optional(),
  lastRefreshed: instant().optional(),
  subDetails: list(subDetail).optional(),
  provider: object({
    balance: amount().optional(),
    asOf: instant().optional(),
    subDetails: list(subDetail).optional(),
    available: flag().optional(),
  }).optional(),
  metadata: z.record(z.string(), text(), allowed('an object of texts')).optional(),
  gatewayReferenceId: text().optional(),
  token: token.optional(),
  tokensDrawn: count().optional(),
  otp: object({ code: text(), attemptsLeft: count() }).optional(),
  otpsDrawn: count().optional(),
  topUps: list(topUp).optional(),
}

const wallet = object(walletFields)

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const uuid = () => {
  const what = allowed('a UUID in lower case')
  return z.string(what).regex(UUID, what)
}
const nullable = <Type extends z.ZodType>(type: Type) => type.nullable().optional()

const transaction = object({
  id: uuid(),
  type: oneOf(['credit', 'debit']),
  amount: count().refine((value) => value > 0, allowed('a whole number from 1')),
  balanceAfter: count(),
  description: nullable(text()),
  correlationId: uuid(),
  reference: text(),
  createdAt: instant(),
  sequence: count().optional(),
})

const anyText = () => z.string(allowed('text'))

const answeredRequest = object({
  key: text(),
  request: text(),
  answeredAt: instant(),
  outcome: z.union(
    [
      object({ status: count(), body: anyText() }),
      object({ error: oneOf(ERROR_NAMES), reason: anyText(), message: anyText().nullable() }),
    ],
    allowed('{"status", "body"} or {"error", "reason", "message"}'),
  ),
})

const currencyWallet = object({
  id: uuid(),
  accountId: uuid(),
  currency: z
    .string(allowed('a currency code such as "USD"'))
    .regex(/^[A-Z]{3}$/, allowed('a currency code such as "USD"')),
  balance: count(),
  status: oneOf(['active', 'frozen', 'deleted']).optional(),
  events: list(
    object({
      id: uuid(),
      walletId: uuid().optional(),
      action: text(),
      reason: nullable(text()),
      insertedAt: instant(),
    }),
  ).optional(),
  paymentMethods: list(
    object({
      accountName: text(),
      accountNumber: text(),
      accountType: text(),
      address: nullable(text()),
      bankAddress: nullable(text()),
      bankCode: text(),
      bankName: text(),
      arrivesAt: instant().optional(),
    }),
  ).optional(),
  transactions: list(transaction).optional(),
  sequence: count().optional(),
})

const apiKeyFields = { key: text(), status: oneOf(['active', 'revoked', 'expired']).optional() }

/**
 * What the control API's `GET state` adds, so that `PUT state` goes on exactly where it was. A start does not read it:
 * there the server's own seed and clock hold.
 */
const snapshot = object({
  seed: z.int(allowed('a whole number')).optional(),
  clock: z.union([z.literal('real'), instant()], allowed('"real", or a UTC time')).optional(),
  /** How far a running clock was advanced. */
  aheadMs: z.int(allowed('a whole number')).optional(),
  /** How often each operation was asked of each resource. */
  calls: z.record(z.string(), count(), allowed('an object of whole numbers')).optional(),
})

const keyLists = {
  juspayApiKeys: list(object(apiKeyFields)).optional(),
  juicywayApiKeys: list(
    object({ ...apiKeyFields, masked: flag().optional(), permissions: list(oneOf(['read', 'write'])).optional() }),
  ).optional(),
} satisfies Record<KeyListName, z.ZodType>

const customer = object({
  id: text(),
  objectReferenceId: text().optional(),
  guest: flag().optional(),
  mobileCountryCode: text().optional(),
  mobileNumber: text().optional(),
  emailAddress: text().optional(),
  firstName: text().optional(),
  lastName: text().optional(),
  dateCreated: instant().optional(),
  lastUpdated: instant().optional(),
  orders: list(order).optional(),
  wallets: list(wallet).optional(),
  currencyWallets: list(currencyWallet).optional(),
  answered: list(answeredRequest).optional(),
})

const walletOf = object({ customer: text('the id of one of the merchant’s customers'), ...walletFields })

const merchant = object({
  id: text(),
  ...keyLists,
  customers: list(customer).optional(),
  wallets: list(walletOf).optional(),
  snapshot: snapshot.optional(),
})

const fileOf = <Merchant extends z.ZodType>(type: Merchant) =>
  object({
    $schema: z.string(allowed('the place of the JSON Schema')).optional(),
    merchants: list(type).min(1, allowed('at least one merchant')),
  })

/** The form of one file alone; what it names may stand in another file of its folder. */
export const fixturesForm = fileOf(merchant)

/** The same, whatever the longest lists hold. */
const frame = fileOf(
  merchant.extend({ customers: z.array(z.unknown()).optional(), wallets: z.array(z.unknown()).optional() }),
)

export type Fixtures = z.output<typeof fixturesForm>
export type FixtureMerchant = Fixtures['merchants'][number]
export type FixtureCustomer = NonNullable<FixtureMerchant['customers']>[number]
export type FixtureWallet = NonNullable<FixtureCustomer['wallets']>[number]
export type FixtureCurrencyWallet = NonNullable<FixtureCustomer['currencyWallets']>[number]
export type FixtureTopUp = NonNullable<FixtureWallet['topUps']>[number]
export type FixtureOrder = NonNullable<FixtureCustomer['orders']>[number]
export type FixtureTransaction = NonNullable<FixtureCurrencyWallet['transactions']>[number]
export type FixtureAnsweredRequest = NonNullable<FixtureCustomer['answered']>[number]
export type FixtureSubDetail = NonNullable<FixtureWallet['subDetails']>[number]
export type FixtureApiKey = NonNullable<FixtureMerchant['juicywayApiKeys']>[number]

type Path = readonly PropertyKey[]

/** What has each name, by the field that it stands in. */
type Claims = Map<string, Map<string, object>>

/** Where every object in a value is. */
function pathsIn(value: object): Map<object, Path> {
  const paths = new Map<object, Path>()
  const enter = (each: unknown, path: Path) => {
    if (typeof each !== 'object' || each === null) return
    paths.set(each, path)
    for (const [key, inner] of Object.entries(each)) enter(inner, [...path, Array.isArray(each) ? Number(key) : key])
  }
  enter(value, [])
  return paths
}

/** What is wrong, said with the places of other things. */
type Sentence = (placeOf: (thing: object, field: string) => string) => string

/** Of what is allowed, as many names as a sentence holds. */
const MOST_NAMES_SHOWN = 10

/** What no single field can show: things named twice, and things that name what is not there. */
function inspectAll(fixtures: Fixtures, fault: (thing: object, field: string, sentence: Sentence) => void): void {
  const claim = <Field extends string>(
    seen: Claims,
    what: string,
    thing: Readonly<Partial<Record<Field, string | undefined>>>,
    field: Field,
  ) => {
    const value = thing[field]!
    const name = field === 'reference' ? value.toLowerCase() : value
    for (const [where, named] of seen) {
      const first = named.get(name)
      if (first === undefined) continue
      const twice = (place: string) => `is "${name}", which ${place} has already; allowed: ${what} that stands once`
      fault(thing, field, (placeOf) => twice(placeOf(first, where)))
      return
    }
    const named = seen.get(field)
    if (named) named.set(name, thing)
    else seen.set(field, new Map([[name, thing]]))
  }
  const merchants: Claims = new Map()
  const keys = perVendor((): Claims => new Map())
  for (const merchant of fixtures.merchants) {
    claim(merchants, 'a merchant id', merchant, 'id')
    for (const vendor of VENDOR_NAMES)
      for (const key of merchant[KEY_LISTS[vendor]] ?? []) claim(keys[vendor], 'an API key', key, 'key')

    const customers: Claims = new Map()
    const wallets: Claims = new Map()
    const currencyWallets: Claims = new Map()
    const topUps: Claims = new Map()
    const orders: Claims = new Map()
    const transactions: Claims = new Map()
    const inspect = (wallet: FixtureWallet) => {
      claim(wallets, 'a wallet id', wallet, 'id')
      for (const topUp of wallet.topUps ?? []) claim(topUps, 'a top-up id', topUp, 'id')
      const own = wallet.subDetails?.find((sub) => sub.paymentMethod === wallet.wallet)
      if (own && wallet.balance !== undefined && own.balance !== wallet.balance)
        fault(
          wallet,
          'balance',
          () =>
            `is ${wallet.balance}; allowed: ${own.balance}, the balance of the sub-account named ${wallet.wallet}, or nothing`,
        )
      if (wallet.linked && wallet.balance === undefined && !own)
        fault(wallet, 'balance', () => 'is missing; required: the balance last seen, because the wallet is linked')
    }
    for (const customer of merchant.customers ?? []) {
      claim(customers, 'a customer id', customer, 'id')
      if (customer.objectReferenceId !== undefined && customer.objectReferenceId !== customer.id)
        claim(customers, 'an object reference id', customer, 'objectReferenceId')
      for (const order of customer.orders ?? []) claim(orders, 'an order reference', order, 'reference')
      for (const wallet of customer.wallets ?? []) inspect(wallet)
      for (const wallet of customer.currencyWallets ?? []) {
        claim(currencyWallets, 'a wallet id', wallet, 'id')
        for (const transaction of wallet.transactions ?? []) claim(transactions, 'a transaction id', transaction, 'id')
      }
    }
    if (merchant.wallets === undefined) continue
    const known = [...customers.values()]
    const names = known.flatMap((named) => [...named.keys()]).slice(0, MOST_NAMES_SHOWN)
    const some = names.join(', ') || 'none, the merchant has no customers'
    for (const wallet of merchant.wallets) {
      inspect(wallet)
      if (!known.some((named) => named.has(wallet.customer)))
        fault(
          wallet,
          'customer',
          () => `is "${wallet.customer}", a customer that merchant "${merchant.id}" does not have; allowed: ${some}`,
        )
    }
  }
}

/** @param placeOf names the place of what a sentence refers to; fixtures put together from several files have their own */
export const fixturesFrom = (placeOf: PlaceOf) =>
  fixturesForm.superRefine((fixtures, context) => {
    // Found for the first fault: of a large file without any, the paths alone would take a second.
    let paths: Map<object, Path> | undefined
    const pathOf = (thing: object, field: string): PropertyKey[] => {
      paths ??= pathsIn(fixtures)
      return [...paths.get(thing)!, field]
    }
    inspectAll(fixtures, (thing, field, sentence) => {
      const message = sentence((...where) => placeOf(pathOf(...where)))
      context.addIssue({ code: 'custom', path: pathOf(thing, field), message })
    })
  })

export const fixturesSchema = fixturesFrom(pathText)

/** To compile a form takes as long as to check some thousand entries without. */
const MANY = 5_000

const isLarge = (data: unknown): boolean => {
  const { merchants } = Object(data) as { merchants?: unknown }
  return Array.isArray(merchants) && merchants.some((merchant) => Object(merchant).customers?.length >= MANY)
}

/**
 * Whether these are large fixtures in which `fixturesForm` finds no fault; about all others it has to be asked itself. Zod
 * copies what it checks: here a customer's copy is dropped before the next one is made.
 */
export function isFormed(data: unknown): data is Fixtures {
  if (!isLarge(data)) return false
  const { success, data: file } = frame.safeParse(data)
  if (!success) return false
  const forms = { customers: z.compile(customer), wallets: z.compile(walletOf) }
  return file.merchants.every(
    ({ customers = [], wallets = [] }) =>
      customers.every((each) => forms.customers.safeParse(each).success) &&
      wallets.every((each) => forms.wallets.safeParse(each).success),
  )
}

/** Whether fixtures of the right form have no fault that `fixturesSchema` finds beyond it. */
export function isConsistent(fixtures: Fixtures): boolean {
  let consistent = true
  inspectAll(fixtures, () => {
    consistent = false
  })
  return consistent
}
