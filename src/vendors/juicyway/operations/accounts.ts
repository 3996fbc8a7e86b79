import { DIGITS, type DrawKey, draw, drawText } from '../../../lib/random.js'
import type { BankAccount } from '../../../wallets/model.js'

/** Banks and their codes in the Nigerian clearing system, of which the vendor's sample names one. */
const BANKS: readonly (readonly [name: string, code: string])[] = [
  ['Wema Bank', '035'],
  ['Access Bank', '044'],
  ['Zenith Bank', '057'],
  ['Guaranty Trust Bank', '058'],
  ['United Bank for Africa', '033'],
]
const TYPES = ['savings', 'current'] as const
const GIVEN_NAMES = ['Adaeze', 'Bola', 'Chidi', 'Efe', 'Halima', 'Ngozi', 'Tunde', 'Yusuf'] as const
const FAMILY_NAMES = ['Abiodun', 'Bello', 'Eze', 'Ibrahim', 'Nwosu', 'Okafor', 'Okoye', 'Sani'] as const

export function drawAccount(arrivesAt: string | null, seed: number, ...key: DrawKey): BankAccount {
  const pick = <Item>(items: readonly Item[], what: string): Item =>
    items[Math.floor(draw(seed, 'account', what, ...key) * items.length)]!
  const [bankName, bankCode] = pick(BANKS, 'bank')
  return {
    accountName: `${pick(GIVEN_NAMES, 'given name')} ${pick(FAMILY_NAMES, 'family name')}`,
    accountNumber: drawText(DIGITS, 10, seed, 'account', 'number', ...key),
    accountType: pick(TYPES, 'type'),
    address: null,
    bankAddress: null,
    bankCode,
    bankName,
    arrivesAt,
  }
}
