import { Refusal } from '../errors.js'
import type { Exchange } from '../exchange.js'
import type { Answer } from '../vendor.js'
import { delinked, expired, holding, withWallet } from '../wallets/life.js'
import type { Wallet } from '../wallets/model.js'
import { ANSWERLESS, type Effect, type Phase, type Rule } from './program.js'

/** Stands for the answer of a request that gets none. */
const NO_ANSWER: Answer = { status: 0, body: null }

/**
 * Lets the scenario act on a request at one phase: one rule at most fires on a request.
 *
 * @returns the answer that replaces the operation's, if the rule brings one
 * @throws Refusal for an error effect
 */
export function intervene(exchange: Exchange, phase: Phase): Answer | undefined {
  if (exchange.rule !== undefined) return undefined
  const rule = exchange.world.scenario.claim(phase, exchange)
  if (rule === undefined) return undefined
  exchange.rule = rule.name
  return apply(exchange, rule, rule.effect)
}

function apply(exchange: Exchange, rule: Rule, effect: Effect): Answer | undefined {
  const { scenario } = exchange.world
  switch (effect.kind) {
    case 'error': {
      const retryAfter = Math.max(1, Math.ceil(scenario.windowLeft(rule) / 1000))
      const headers =
        effect.error === 'rate_limited' ? { 'retry-after': String(Number.isFinite(retryAfter) ? retryAfter : 1) } : {}
      throw new Refusal(
        effect.error,
        `The scenario's rule "${rule.name}" answers ${effect.error}; without it the request goes on.`,
        {
          headers,
        },
      )
    }
    case 'response':
      return { status: effect.status, headers: effect.headers, body: null, text: effect.body }
    case 'fault':
      exchange.fault = effect.fault
      return ANSWERLESS.has(effect.fault.kind) ? NO_ANSWER : undefined
    case 'delay':
      exchange.delay = (exchange.delay ?? 0) + scenario.delay(rule, effect.model, exchange, exchange.occurrence)
      return undefined
    case 'state':
      applyState(exchange, effect)
      return undefined
  }
}

function applyState(exchange: Exchange, effect: Extract<Effect, { kind: 'state' }>): void {
  const { world, customer, walletName, key, identity } = exchange
  if (effect.state === 'revoke-key') {
    const record = key === undefined ? undefined : world.keys[identity.vendor.name].get(key)
    if (record) world.setKeyStatus(identity.vendor.name, record, 'revoked')
    return
  }
  if (customer === undefined) return
  const change = (wallet: Wallet): Wallet => {
    if (effect.state === 'expire-token') return expired(wallet, world.clock.now())
    return effect.state === 'delink' ? delinked(wallet) : holding(wallet, effect.balance)
  }
  const touched = customer.wallets.filter(({ id }) => walletName === undefined || id === walletName)
  world.state.put(touched.reduce((changed, wallet) => withWallet(changed, change(wallet)), customer))
}
