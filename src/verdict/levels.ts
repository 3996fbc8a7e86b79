import { didYouMean } from '../lib/did-you-mean.js'
import { quote } from '../lib/text.js'

const LEVELS = ['off', 'warn', 'fail'] as const
export type Level = (typeof LEVELS)[number]

/** Every rule with its default level. What costs money, or shows a secret, fails. */
const DEFAULT_LEVELS = {
  'routing-id-missing': 'warn',
  'routing-id-changes': 'warn',
  'debit-repeated-blindly': 'fail',
  'refund-repeated-by-another-id': 'fail',
  'token-sent-again': 'warn',
  'delinked-wallet-debited': 'fail',
  'retry-after-ignored': 'warn',
  'retries-in-step': 'warn',
  'too-many-attempts': 'warn',
  'client-error-retried': 'warn',
  'timeout-too-short': 'warn',
  'timeout-missing': 'warn',
  'connections-not-reused': 'warn',
  'balance-not-refreshed': 'warn',
  'event-applied-twice': 'fail',
  'bad-signature-accepted': 'warn',
  'secret-in-query': 'fail',
} as const satisfies Readonly<Record<string, Level>>

export type RuleName = keyof typeof DEFAULT_LEVELS

export const RULE_NAMES = Object.keys(DEFAULT_LEVELS) as RuleName[]

export interface Strictness {
  readonly levels: Readonly<Record<RuleName, Level>>
  /** How often one request may be sent. */
  readonly attempts: number
}

export const DEFAULT_STRICTNESS: Strictness = { levels: DEFAULT_LEVELS, attempts: 5 }

export const STRICTNESS_FORM =
  '"default", or rule=off|warn|fail with commas between them, where "all" is every rule, and attempts=N, such as "all=warn,secret-in-query=fail,attempts=3"'

/** What `all=off,attempts=3` makes of a strictness; the later part holds. A sentence says why it cannot be used. */
export function parseStrictness(text: string, base: Strictness = DEFAULT_STRICTNESS): Strictness | string {
  const levels: Record<string, Level> = { ...base.levels }
  let { attempts } = base
  for (const part of text.split(',')) {
    const [name = '', value = '', ...rest] = part.trim().split('=')
    if (name === 'attempts' && /^[1-9]\d{0,3}$/.test(value) && rest.length === 0) {
      attempts = Number(value)
      continue
    }
    const level = LEVELS.find((known) => known === value)
    const names = name === 'all' ? RULE_NAMES : RULE_NAMES.filter((known) => known === name)
    if (names.length === 0 && name !== 'attempts') {
      const hint = didYouMean(name, RULE_NAMES)
      return `unknown rule ${quote(name)}${hint && `.${hint}`}`
    }
    if (level === undefined || rest.length > 0 || names.length === 0)
      return `${quote(part.trim())} sets nothing that is known`
    for (const known of names) levels[known] = level
  }
  return { levels: levels as Strictness['levels'], attempts }
}
