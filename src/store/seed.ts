import type {
  AnsweredRequest,
  BankAccount,
  CurrencyWallet,
  Customer,
  Holdings,
  SubAccount,
  Token,
  Transaction,
  Wallet,
  WalletEvent,
} from '../wallets/model.js'
import { majorOf, minorOf } from '../wallets/money.js'
import type {
  FixtureAnsweredRequest,
  FixtureCurrencyWallet,
  FixtureCustomer,
  FixtureMerchant,
  FixtureSubDetail,
  FixtureTransaction,
  FixtureWallet,
} from './fixtures.js'
import { fromOrder, fromProfile, fromTopUp, toOrder, toProfile, toTopUp } from './payments.js'

/** Between the two forms of a customer: a fixture's, which people write, and the domain's. Each undoes the other. */

/** A merchant's customers, each with the wallets that stand apart. */
export function customersOf(merchant: FixtureMerchant): readonly FixtureCustomer[] {
  const { customers = [] } = merchant
  if (merchant.wallets === undefined) return customers
  const apart = new Map<string, FixtureWallet[]>()
  for (const { customer, ...wallet } of merchant.wallets) {
    const wallets = apart.get(customer)
    if (wallets) wallets.push(wallet)
    else apart.set(customer, [wallet])
  }
  return customers.map((customer) => ({
    ...customer,
    wallets: [...(customer.wallets ?? []), ...(apart.get(customer.id) ?? [])],
  }))
}

export function toCustomer(fixture: FixtureCustomer): Customer {
  return {
    id: fixture.id,
    objectReferenceId: fixture.objectReferenceId ?? null,
    guest: fixture.guest ?? false,
    profile: toProfile(fixture),
    orders: (fixture.orders ?? []).map(toOrder),
    wallets: (fixture.wallets ?? []).map(toWallet),
    currencyWallets: (fixture.currencyWallets ?? []).map(toCurrencyWallet),
    ...(fixture.answered === undefined ? {} : { answered: fixture.answered.map(toAnswered) }),
  }
}

export function fromCustomer(customer: Customer): FixtureCustomer {
  return {
    id: customer.id,
    ...(customer.objectReferenceId === null ? {} : { objectReferenceId: customer.objectReferenceId }),
    ...(customer.guest ? { guest: true } : {}),
    ...fromProfile(customer.profile),
    ...(customer.orders.length === 0 ? {} : { orders: customer.orders.map(fromOrder) }),
    ...(customer.wallets.length === 0 ? {} : { wallets: customer.wallets.map(fromWallet) }),
    ...(customer.currencyWallets.length === 0
      ? {}
      : { currencyWallets: customer.currencyWallets.map(fromCurrencyWallet) }),
    ...(customer.answered === undefined ? {} : { answered: customer.answered.map(fromAnswered) }),
  }
}

/** Amounts were checked by the schema. */
const minor = (amount: number) => minorOf(amount)!

function toWallet(fixture: FixtureWallet): Wallet {
  const { provider = {} } = fixture
  const seen = fixture.linked ? holdings(fixture, fixture.wallet, fixture.lastRefreshed) : null
  const held = provider.balance === undefined && provider.subDetails === undefined && seen !== null
  return {
    id: fixture.id,
    gateway: fixture.wallet,
    linked: fixture.linked ?? false,
    metadata: fixture.metadata ?? null,
    gatewayReferenceId: fixture.gatewayReferenceId ?? null,
    seen,
    provider: {
      ...(held
        ? {
            balance: seen.balance,
            at: provider.asOf ?? null,
            subAccounts: seen.subAccounts.map((sub) => ({ ...sub, at: null })),
          }
        : holdings(provider, fixture.wallet, provider.asOf)),
      available: provider.available ?? true,
    },
    token: toToken(fixture.token),
    tokensDrawn: fixture.tokensDrawn ?? 0,
    otp: fixture.otp ?? null,
    otpsDrawn: fixture.otpsDrawn ?? 0,
    topUps: (fixture.topUps ?? []).map(toTopUp),
  }
}

function holdings(
  { balance, subDetails = [] }: { balance?: number | undefined; subDetails?: FixtureSubDetail[] | undefined },
  gateway: string,
  at: string | undefined,
): Holdings {
  const own = subDetails.find((sub) => sub.paymentMethod === gateway)
  return { balance: minor(balance ?? own?.balance ?? 0), at: at ?? null, subAccounts: subDetails.map(toSubAccount) }
}

const toSubAccount = (sub: FixtureSubDetail): SubAccount => ({
  paymentMethod: sub.paymentMethod,
  type: sub.paymentMethodType ?? 'WALLET',
  balance: minor(sub.balance),
  at: sub.lastRefreshed ?? null,
})

const fromSubAccount = (sub: SubAccount): FixtureSubDetail => ({
  paymentMethod: sub.paymentMethod,
  ...(sub.type === 'WALLET' ? {} : { paymentMethodType: sub.type }),
  balance: majorOf(sub.balance),
  ...(sub.at === null ? {} : { lastRefreshed: sub.at }),
})

function toToken(token: FixtureWallet['token']): Token | null {
  if (token === undefined) return null
  if (typeof token === 'string') return { value: token, expiresAt: null, used: false }
  return {
    value: token.value,
    expiresAt: token.expiresAt === undefined ? null : Date.parse(token.expiresAt),
    used: token.used ?? false,
  }
}

function fromToken({ value, expiresAt, used }: Token): FixtureWallet['token'] {
  if (expiresAt === null && !used) return value
  return {
    value,
    ...(expiresAt === null ? {} : { expiresAt: new Date(expiresAt).toISOString() }),
    ...(used ? { used } : {}),
  }
}

export function fromWallet(wallet: Wallet): FixtureWallet {
  const { seen, provider } = wallet
  return {
    id: wallet.id,
    wallet: wallet.gateway,
    linked: wallet.linked,
    ...(seen === null
      ? {}
      : {
          balance: majorOf(seen.balance),
          ...(seen.at === null ? {} : { lastRefreshed: seen.at }),
          ...subDetailsOf(seen.subAccounts),
        }),
    provider: {
      balance: majorOf(provider.balance),
      ...(provider.at === null ? {} : { asOf: provider.at }),
      ...subDetailsOf(provider.subAccounts),
      ...(provider.available ? {} : { available: false }),
    },
    ...(wallet.metadata === null ? {} : { metadata: { ...wallet.metadata } }),
    ...(wallet.gatewayReferenceId === null ? {} : { gatewayReferenceId: wallet.gatewayReferenceId }),
    ...(wallet.token === null ? {} : { token: fromToken(wallet.token) }),
    ...(wallet.tokensDrawn === 0 ? {} : { tokensDrawn: wallet.tokensDrawn }),
    ...(wallet.otp === null ? {} : { otp: { ...wallet.otp } }),
    ...(wallet.otpsDrawn === 0 ? {} : { otpsDrawn: wallet.otpsDrawn }),
    ...(wallet.topUps.length === 0 ? {} : { topUps: wallet.topUps.map(fromTopUp) }),
  }
}

const subDetailsOf = (subAccounts: readonly SubAccount[]) =>
  subAccounts.length === 0 ? {} : { subDetails: subAccounts.map(fromSubAccount) }

function toCurrencyWallet(fixture: FixtureCurrencyWallet): CurrencyWallet {
  return {
    id: fixture.id,
    accountId: fixture.accountId,
    currency: fixture.currency,
    balance: fixture.balance,
    status: fixture.status ?? 'active',
    events: (fixture.events ?? []).map(
      (event): WalletEvent => ({
        id: event.id,
        walletId: event.walletId ?? fixture.id,
        action: event.action,
        reason: event.reason ?? null,
        at: event.insertedAt,
      }),
    ),
    paymentMethods: (fixture.paymentMethods ?? []).map(
      (method): BankAccount => ({
        ...method,
        address: method.address ?? null,
        bankAddress: method.bankAddress ?? null,
        arrivesAt: method.arrivesAt ?? null,
      }),
    ),
    transactions: (fixture.transactions ?? []).map(toTransaction),
    sequence: fixture.sequence ?? 0,
  }
}

export function fromCurrencyWallet(wallet: CurrencyWallet): FixtureCurrencyWallet {
  const { events, paymentMethods, transactions, sequence, ...rest } = wallet
  return {
    ...rest,
    events: events.map(({ at, ...event }) => ({ ...event, insertedAt: at })),
    paymentMethods: paymentMethods.map(({ arrivesAt, ...method }) => ({
      ...method,
      ...(arrivesAt === null ? {} : { arrivesAt }),
    })),
    ...(transactions.length === 0 ? {} : { transactions: transactions.map(fromTransaction) }),
    ...(sequence === 0 ? {} : { sequence }),
  }
}

const toTransaction = ({ createdAt, ...fixture }: FixtureTransaction): Transaction => ({
  ...fixture,
  description: fixture.description ?? null,
  at: createdAt,
  sequence: fixture.sequence ?? 0,
})

const fromTransaction = ({ at, ...transaction }: Transaction): FixtureTransaction => ({ ...transaction, createdAt: at })

const toAnswered = ({ answeredAt, ...fixture }: FixtureAnsweredRequest): AnsweredRequest => ({
  ...fixture,
  at: Date.parse(answeredAt),
})

const fromAnswered = ({ at, ...request }: AnsweredRequest): FixtureAnsweredRequest => ({
  ...(request as Omit<FixtureAnsweredRequest, 'answeredAt'>),
  answeredAt: new Date(at).toISOString(),
})
