import { type ErrorName, Refusal, type RefusalDetails } from '../lib/errors.js'
import type { Effect, Rule } from '../scenarios/program.js'
import { ANSWERLESS, type Phase } from '../scenarios/terms.js'
import { delink, expireToken, setProviderBalance, withWallet } from '../wallets/linked-wallet.js'
import type { Wallet } from '../wallets/model.js'
import type { Call } from './call.js'
import type { Outcome } from './outcome.js'
import type { Answer } from './vendor.js'

export const NO_ANSWER: Answer = { status: 0, text: '' }

/** Lets one rule at most act. @returns the answer in the operation's place, if any @throws Refusal for an error */
export function intervene(call: Call, outcome: Outcome, phase: Phase): Answer | undefined {
  const { held } = outcome
  // A call that was held before its turn goes on as it was released.
  if (held?.phase === phase && typeof held.release === 'object') throw refusalOf(held.release.error)
  if (outcome.rule !== undefined) return undefined
  const rule = call.merchant.scenario.claim(phase, call, outcome.trace)
  if (rule === undefined) return undefined
  outcome.rule = rule.name
  if (rule.delay && call.merchant.latency.drawn) {
    const added = call.merchant.scenario.delay(rule, rule.delay, call, call.occurrence)
    outcome.delay = (outcome.delay ?? 0) + added
  }
  return apply(call, outcome, rule, rule.effect)
}

export const refusalOf = (error: ErrorName) =>
  new Refusal(error, `The call was held and released with ${error}; released with its answer, it goes on.`)

function apply(call: Call, outcome: Outcome, rule: Rule, effect: Effect): Answer | undefined {
  switch (effect.kind) {
    case 'error': {
      const sentence = `The scenario's rule "${rule.name}" answers ${effect.error}; without it the request goes on.`
      throw new Refusal(effect.error, sentence, effect.error === 'rate_limited' ? retryAfter(call, rule) : {})
    }
    case 'response':
      if (effect.status >= 400)
        outcome.reason = `The scenario's rule "${rule.name}" answers ${effect.status}; without it the request goes on.`
      return { status: effect.status, headers: effect.headers, text: effect.body }
    case 'fault':
      outcome.fault = effect.fault
      return ANSWERLESS.has(effect.fault.kind) ? NO_ANSWER : undefined
    case 'delay':
    case 'webhook':
      // The one is drawn already, the other is about events and not about requests.
      return undefined
    case 'hold':
      outcome.heldBy = rule
      return undefined
    case 'state':
      if (effect.state === 'bad-signature') outcome.badSignature = true
      else if (effect.state === 'manual-review') outcome.manualReview = true
      else applyState(call, effect)
      return undefined
  }
}

/** Seconds until the rule's window ends on the merchant's clock; one, where it has no end. */
function retryAfter({ merchant }: Call, rule: Rule): RefusalDetails {
  const left = merchant.scenario.windowLeft(rule)
  const seconds = Number.isFinite(left) ? Math.max(1, Math.ceil(left / 1000)) : 1
  return { headers: { 'retry-after': String(seconds) } }
}

function applyState(call: Call, effect: Extract<Effect, { kind: 'state' }>): void {
  const { merchant, customer, walletName, apiKey } = call
  if (effect.state === 'revoke-key') {
    if (apiKey) merchant.setKeyStatus(apiKey, 'revoked')
    return
  }
  if (customer === undefined) return
  const change = (wallet: Wallet): Wallet => {
    if (effect.state === 'expire-token') return expireToken(wallet, merchant.clock.now())
    return effect.state === 'delink' ? delink(wallet) : setProviderBalance(wallet, effect.balance)
  }
  const touched = customer.wallets.filter(({ id }) => walletName === undefined || id === walletName)
  merchant.state.put(touched.reduce((changed, wallet) => withWallet(changed, change(wallet)), customer))
}
