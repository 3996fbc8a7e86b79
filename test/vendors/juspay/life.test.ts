import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSandbox, type Scenario } from '../../../src/index.js'
import { FAULTS, type FaultKind } from '../../../src/scenarios/terms.js'
import { SILENT } from './client.js'
import { Merchant, type Step } from './reference.js'

/** An answer that hangs is given up after this. */
const PATIENCE_MS = 40

/** Every third change is made, and its answer is lost or spoiled. */
const losing = (fault: FaultKind): Scenario => ({
  name: 'losing answers',
  rules: [
    {
      name: fault,
      match: { operation: 'juspay.*' },
      when: { every: 3, per: 'merchant' },
      effect: fault === 'dribble' ? { fault, duration: 2 } : { fault },
      phase: 'after-commit',
    },
  ],
})

const small = fc.nat({ max: 3 })
const paise = fc.oneof(fc.integer({ min: 1, max: 300_000 }), fc.constantFrom(1, 10, 30, 10_955, 999_999))

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('open' as const), customer: small }),
  fc.record({ kind: fc.constant('authenticate' as const), wallet: small }),
  fc.record({ kind: fc.constant('link' as const), wallet: small, wrong: fc.nat({ max: 4 }), right: fc.boolean() }),
  fc.record({ kind: fc.constant('link' as const), wallet: small, wrong: fc.constant(0), right: fc.constant(true) }),
  fc.record({ kind: fc.constant('delink' as const), wallet: small }),
  fc.record({ kind: fc.constant('refresh' as const), wallet: small }),
  fc.record({ kind: fc.constant('order' as const), customer: small, amount: paise }),
  fc.record({
    kind: fc.constant('debit' as const),
    wallet: small,
    order: small,
    own: fc.oneof(fc.constant(true), fc.boolean()),
    token: fc.constantFrom('live' as const, 'live' as const, 'used' as const, 'made up' as const),
  }),
  fc.record({ kind: fc.constant('update' as const), order: small, amount: paise }),
  fc.record({ kind: fc.constant('refund' as const), order: small, amount: paise }),
  fc.record({ kind: fc.constant('redirect' as const), order: small, pays: fc.boolean() }),
  fc.record({ kind: fc.constant('topUp' as const), wallet: small, amount: paise }),
  fc.record({ kind: fc.constant('finish' as const), topUp: small, succeeds: fc.boolean() }),
)

/** What makes most of the steps possible. */
const OPENING: readonly Step[] = [
  { kind: 'open', customer: 0 },
  { kind: 'open', customer: 1 },
  { kind: 'authenticate', wallet: 0 },
  { kind: 'link', wallet: 0, wrong: 1, right: true },
  { kind: 'order', customer: 0, amount: 5_000 },
  { kind: 'redirect', order: 0, pays: true },
  { kind: 'refund', order: 0, amount: 1_999 },
  { kind: 'order', customer: 0, amount: 5_000 },
]

async function explore(scenario: Scenario, numRuns: number, patience?: number): Promise<void> {
  const sandbox = await createSandbox({ ...SILENT, scenario })
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
      const merchant = new Merchant(sandbox, `sandbox_run_${run++}`, patience)
      await merchant.begin()
      for (const next of [...OPENING, ...steps]) await merchant.take(next)
      await merchant.settle()
    }),
    { numRuns },
  )
  await sandbox.close()
}

describe('any sequence of steps by several customers keeps every rupee, token and transition', () => {
  test('when all goes well', () => explore({ name: 'well' }, 25))

  test.each(FAULTS)('when every third answer meets %s after the change, and the client asks again', (fault) =>
    explore(losing(fault), 6, fault === 'hang' ? PATIENCE_MS : undefined),
  )
})

test('of a hundred debits with one token at once, one is charged', async () => {
  const sandbox = await createSandbox(SILENT)
  const merchant = new Merchant(sandbox, 'sandbox_hundred')
  await merchant.begin()
  for (const next of OPENING) await merchant.take(next)
  const [wallet] = merchant.wallets
  const before = wallet!.provider!
  const statuses = await merchant.debitAtOnce(100, 1_000)
  expect(statuses.filter((status) => status === 'CHARGED')).toHaveLength(1)
  expect(statuses.filter((status) => status === 'EXPIRED')).toHaveLength(99)
  expect(await merchant.providerBalance(wallet!)).toBe(before - 1_000)
  await sandbox.close()
})
