import type { Vendor } from '../../src/api/vendor.js'
import { resolveOptions } from '../../src/config.js'
import { readFixtures } from '../../src/fixture-files/read.js'
import { createApp } from '../../src/http/app.js'
import { Server } from '../../src/http/server.js'
import { createSandbox, type Options, type Sandbox, type Scenario } from '../../src/index.js'
import { Clock } from '../../src/lib/clock.js'
import { Delays } from '../../src/lib/delays.js'
import { MerchantRegistry } from '../../src/merchants/registry.js'
import { compile } from '../../src/scenarios/compile.js'
import type { Subject } from '../../src/scenarios/conditions.js'
import { ScenarioRun } from '../../src/scenarios/engine.js'
import type { WholeScenario } from '../../src/scenarios/schema.js'
import { VENDORS } from '../../src/vendors/index.js'

export type Rule = NonNullable<Scenario['rules']>[number]

export const basic = (key: string) => ({ authorization: `Basic ${btoa(`${key}:`)}` })

/** Headers of a request that each vendor authenticates. */
export const AUTHORIZED: Readonly<Record<Vendor['name'], Record<string, string>>> = {
  juspay: basic('acme_test_key'),
  juicyway: { authorization: 'Bearer test_acme_juicyway' },
}

export const WALLET = '/wallets/wlt_q23xzki3pazgtezo'
export const CUSTOMER = '/customers/cth_eN4e4kR12CJV/wallets'
export const REFRESH = `${CUSTOMER}/refresh-balances`
export const JUICYWAY_WALLET = '/wallets/3d2e3f3e-3b3c-4907-a4fd-e241203440d7'

const FROZEN = '2023-09-11T08:30:00Z'

/** A sandbox in which nobody waits. */
export const sandboxWith = (scenario: string | Scenario, options: Options = {}): Promise<Sandbox> =>
  createSandbox({ scenario, latency: 'virtual', clock: FROZEN, ...options })

export const scenarioOf = (...rules: Partial<Rule>[]): Scenario => ({
  name: 'test',
  latency: {},
  rules: rules.map((rule, i) => ({ name: `rule ${i}`, effect: { error: 'server_error' }, ...rule })),
})

/** Asks as Juspay's client would. */
export const ask = (sandbox: Sandbox, path: string, init: RequestInit = {}) =>
  sandbox.fetch(`http://sandbox${path}`, { headers: AUTHORIZED.juspay, ...init })

/** A scenario's run without a sandbox around it. */
export function runOf(scenario: Scenario, { seed = 1, merchant = 'acme', clock = new Clock(0) } = {}): ScenarioRun {
  return new ScenarioRun(compile(scenario as WholeScenario, VENDORS), seed, merchant, clock)
}

export function subjectOf(operationId: string, resource = 'resource', more: Partial<Subject> = {}): Subject {
  return {
    operationId,
    resource,
    customerNames: [resource],
    walletName: undefined,
    key: 'key',
    merchantId: 'acme',
    header: () => null,
    parameter: () => null,
    field: () => undefined,
    ...more,
  }
}

/** How many deviations the number of runs is off that of a random order (Wald and Wolfowitz). */
export function runsScore(flags: readonly boolean[]): number {
  const yes = flags.filter(Boolean).length
  const no = flags.length - yes
  const runs = flags.filter((flag, i) => flag !== flags[i - 1]).length
  const mean = (2 * yes * no) / flags.length + 1
  return (runs - mean) / Math.sqrt(((mean - 1) * (mean - 2)) / (flags.length - 1))
}

/** A sandbox's insides around other vendors, on a socket: for what no operation of the shipped ones does. */
export async function serve(scenario: Scenario, vendors: readonly Vendor[] = VENDORS, options: Options = {}) {
  const resolved = resolveOptions(options)
  const fixtures = await readFixtures(undefined)
  const { seed, clock, journalSize, latency, webhookHosts } = resolved
  const program = compile(scenario as WholeScenario, vendors)
  const registry = new MerchantRegistry(fixtures.merchants, 10, {
    seed,
    clock,
    journalSize,
    latency,
    webhookHosts,
    program,
  })
  const delays = new Delays()
  const control = { base: '/_sandbox', fetch: async () => new Response() }
  const app = createApp(
    vendors,
    {
      options: { ...resolved, confirmed: undefined },
      registry,
      namesKeys: true,
      delays,
      log: () => {},
    },
    control,
  )
  const server = new Server(app.fetch, () => {})
  return {
    url: await server.listen({ port: 0, host: '127.0.0.1' }),
    merchant: registry.byId('acme')!,
    delays,
    fetch: async (request: Request) => app.fetch(request),
    close: async () => {
      delays.release()
      await server.close()
    },
  }
}
