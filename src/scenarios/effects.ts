import { Refusal, type RefusalDetails } from '../errors.js'
import type { Exchange } from '../exchange.js'
import type { Answer } from '../vendor.js'
import { delinked, expired, holding, withWallet } from '../wallets/life.js'
import type { Wallet } from '../wallets/model.js'
import { ANSWERLESS, type Effect, type Phase, type Rule } from './program.js'

/** Stands for the answer of a request that gets none. */
const NO_ANSWER: Answer = { status: 0, text: '' }

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
  switch (effect.kind) {
    case 'error': {
      const sentence = `The scenario's rule "${rule.name}" answers ${effect.error}; without it the request goes on.`
      throw new Refusal(effect.error, sentence, effect.error === 'rate_limited' ? retryAfter(exchange, rule) : {})
    }
    case 'response':
      if (effect.status >= 400)
        exchange.reason = `The scenario's rule "${rule.name}" answers ${effect.status}; without it the request goes on.`
      return { status: effect.status, headers: effect.headers, text: effect.body }
    case 'fault':
      exchange.fault = effect.fault
      return ANSWERLESS.has(effect.fault.kind) ? NO_ANSWER : undefined
    case 'delay':
      if (exchange.options.latency.drawn) {
        const added = exchange.world.scenario.delay(rule, effect.model, exchange, exchange.occurrence)
        exchange.delay = (exchange.delay ?? 0) + added
      }
      return undefined
    case 'state':
      applyState(exchange, effect)
      return undefined
  }
}

/** Seconds until the rule's window ends on the merchant's clock; one, where it has no end. */
function retryAfter({ world }: Exchange, rule: Rule): RefusalDetails {
  const left = world.scenario.windowLeft(rule)
  const seconds = Number.isFinite(left) ? Math.max(1, Math.ceil(left / 1000)) : 1
  return { headers: { 'retry-after': String(seconds) } }
}

function applyState(exchange: Exchange, effect: Extract<Effect, { kind: 'state' }>): void {
  const { world, customer, walletName, key, identity } = exchange
  if (effect.state === 'revoke-key') {
    const record = key === undefined ? undefined : world.keys[identity.vendor.name].get(key)
    if (record) world.setKeyStatus(record, 'revoked')
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
