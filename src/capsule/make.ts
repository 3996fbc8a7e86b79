import type { ServingOptions } from '../api/call.js'
import { KEY_LISTS, VENDOR_NAMES } from '../fixture-files/key-lists.js'
import type { FixtureMerchant, Fixtures } from '../fixture-files/schema.js'
import type { Entry } from '../journal/entry.js'
import { credentialsIn, headerPairs, isCredential, isLong, keysIn } from '../journal/redact.js'
import { hidePassword } from '../lib/text.js'
import { VERSION } from '../lib/version.js'
import type { KeyLists } from '../merchants/api-keys.js'
import type { Merchant } from '../merchants/merchant.js'
import type { MerchantRegistry } from '../merchants/registry.js'
import type { Action, Checkpoint } from '../merchants/steps.js'
import type { LatencyMode } from '../scenarios/latency-mode.js'
import type { WholeScenario } from '../scenarios/schema.js'
import { exportBaseline } from '../store/state.js'
import { NOT_SENT } from '../webhooks/send.js'
import { FORMAT } from './format.js'
import type { ActionStep, CallStep, Capsule, CapsuleAnswer } from './schema.js'
import { type StandIns, standInsFor } from './stand-ins.js'

export type { Capsule }

/** The options of a sandbox that its answers follow from. */
export type CapsuleOptions = ServingOptions & { readonly cors: readonly string[] }

type Handled = Entry & { readonly turn: NonNullable<Entry['turn']> }

/**
 * A merchant's session from its beginning, or from the oldest point after which everything is in the journal.
 *
 * @returns undefined for an unknown point
 */
export function makeCapsule(
  merchant: Merchant,
  registry: MerchantRegistry,
  options: CapsuleOptions,
): Capsule | undefined {
  const { knownKeys } = registry
  const program = registry.programAtFirst(merchant)
  const { steps: recorded, blueprint, webhooks } = merchant
  const handled = merchant.journal.whole().filter((entry): entry is Handled => entry.turn !== undefined)
  const since = (from: Checkpoint) => ({
    calls: handled.filter(({ turn }) => turn.sequence > from.sequence),
    actions: recorded.actions.filter(({ sequence }) => sequence > from.sequence),
  })
  const beginning = recorded.checkpoints.find((from) => {
    const { calls, actions } = since(from)
    return calls.length + actions.length === recorded.sequence - from.sequence
  })
  if (beginning === undefined) return undefined

  const { calls, actions } = since(beginning)
  const states = actions.filter(({ name }) => name === 'state.put').map(({ input }) => input as Fixtures)
  const lists: KeyLists[] = [blueprint.keys, beginning.keys, ...states.flatMap(({ merchants }) => merchants)]
  const scenarios = [program, beginning.program]
    .map(({ scenario }) => scenario)
    .concat(actions.filter(({ name }) => name === 'scenario.put').map(({ input }) => input as WholeScenario))
  const unsigned = lists.some(({ responseKey }) => responseKey !== undefined)
  const standIns = standInsFor(
    {
      keys: [...lists.flatMap(secretsIn), ...calls.flatMap(({ key }) => key ?? [])],
      // A short text stands in many places where it is not a secret.
      others: calls.flatMap((call) => [...keysIn(call), ...credentialsIn(call).filter(isLong)]),
      knownKeys,
    },
    merchant.id,
    scenarios.flatMap(({ rules = [] }) => rules.flatMap(({ match }) => match?.apiKey ?? [])),
    unsigned,
  )

  const customers = exportBaseline(blueprint.customers)
  const fixture = withoutWebhookSecrets({ id: merchant.id, ...blueprint.keys, customers })
  const state = withoutWebhookSecrets({ id: merchant.id, ...beginning.keys, customers: [...beginning.customers] })
  const isAsMade = JSON.stringify([blueprint.seed, fixture]) === JSON.stringify([beginning.seed, state])
  const counts = beginning.calls()
  const all = webhooks.log
  const earlier = all.length - Math.min(all.length, webhooks.recorded - beginning.delivered)
  const began = Math.min(...calls.map(({ arrivedAt }) => arrivedAt))
  const steps = [...calls.map(callStep(standIns, began)), ...actions.map(actionStep(standIns))]
    .sort((a, b) => a.sequence - b.sequence)
    .map(({ step }) => step)
  return standIns.replaceIn({
    capsule: FORMAT,
    version: VERSION,
    made: iso(merchant.clock.now()),
    merchant: merchant.id,
    options: {
      seed: blueprint.seed,
      latency: replayMode(merchant.latencyAtFirst),
      strict: options.strict,
      errorBodies: options.errorBodies,
      tokenTtl: options.tokenTtl,
      testOtp: options.testOtp,
      paymentMethodDelay: options.paymentMethodDelay,
      cors: options.cors.join(',') || 'none',
      ...(options.publicUrl !== undefined && { publicUrl: options.publicUrl }),
      ...(options.trustProxy && { trustProxy: true }),
      scenario: standIns.scenario(program.scenario),
    },
    fixtures: { merchants: [fixture] },
    beginning: {
      at: iso(beginning.at),
      skipped: beginning.sequence,
      scenario: standIns.scenario(beginning.program.scenario),
      latency: replayMode(beginning.latency),
      run: { ...beginning.run, startedAt: iso(beginning.run.startedAt) },
      calls: [...counts],
      routing: [...beginning.routing()],
      deliveries: all.slice(0, earlier).map(({ delivery }) => delivery),
      ...(!isAsMade && {
        state: { ...state, snapshot: { seed: beginning.seed, calls: Object.fromEntries(counts) } },
      }),
    },
    steps,
    webhooks: all
      .slice(earlier)
      // What an opened capsule left unsent was no attempt.
      .filter(({ delivery }) => delivery.reason !== NOT_SENT.reason)
      .map(({ delivery, sequence }) => ({ after: sequence - beginning.sequence, ...delivery })),
    unsigned,
  } satisfies Written as unknown as Capsule)
}

/** Every field of the file, so that none is forgotten. */
type Written = { readonly [Name in keyof Capsule]: unknown }

const iso = (epochMs: number) => new Date(epochMs).toISOString()

/** A replay waits for no delay. */
const replayMode = ({ drawn }: LatencyMode) => (drawn ? 'virtual' : 'off')

const secretsIn = (lists: KeyLists): string[] => [
  ...VENDOR_NAMES.flatMap((vendor) => lists[KEY_LISTS[vendor]]?.map(({ key }) => key) ?? []),
  ...(lists.responseKey === undefined ? [] : [lists.responseKey]),
]

/** A replay sends nothing, so it needs the address alone. */
const withoutWebhookSecrets = <Fixture extends FixtureMerchant>(fixture: Fixture): Fixture =>
  fixture.webhook === undefined ? fixture : { ...fixture, webhook: { url: hidePassword(fixture.webhook.url) } }

const callStep =
  (standIns: StandIns, began: number) =>
  ({ id, at, arrivedAt, request, turn, ended, hungUpMs }: Handled) => {
    const step: CallStep = {
      id,
      at: iso(turn.at),
      arrived: iso(at),
      request: {
        method: request.method,
        url: `${turn.hostUrl}${request.path}${request.query === '' ? '' : `?${request.query}`}`,
        headers: headerPairs(request.headers).map(([name, value]) => [
          name,
          isCredential(name) ? standIns.credential(value) : value,
        ]),
        body: ended?.requestBody ?? '',
        ...(turn.unread === undefined ? {} : { unread: turn.unread }),
      },
      answer: ended === undefined ? null : answerOf(ended),
      ...(ended?.facts.held && { held: { rule: ended.facts.held.rule, release: ended.facts.held.release } }),
      measured: { arrived: arrivedAt - began, took: ended?.measuredMs ?? null, hungUp: hungUpMs },
    }
    return { sequence: turn.sequence, step }
  }

/** The answer without the sentence for developers, which may name keys, the grade, and what only a socket adds. */
export function answerOf({ response, fault, rule, intendedMs }: NonNullable<Entry['ended']>): CapsuleAnswer {
  const { 'x-sandbox-reason': _, 'x-sandbox-fidelity': __, 'content-length': ___, ...headers } = response.headers
  return { status: response.status, headers, body: response.body, fault, rule, latencyMs: intendedMs }
}

const actionStep =
  (standIns: StandIns) =>
  ({ sequence, at, after, name, input }: Action) => {
    const step: ActionStep = { at: iso(at), after: iso(after), control: name, input: shownInput(name, input, standIns) }
    return { sequence, step }
  }

function shownInput(name: string, input: unknown, standIns: StandIns): unknown {
  if (name === 'scenario.put') return standIns.scenario(input as WholeScenario)
  if (name === 'state.put') return { merchants: (input as Fixtures).merchants.map(withoutWebhookSecrets) }
  return input
}
