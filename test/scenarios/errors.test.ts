import { describe, expect, test } from 'vitest'
import type { Call } from '../../src/api/call.js'
import { ERROR_NAMES, Refusal } from '../../src/lib/errors.js'
import { compile } from '../../src/scenarios/compile.js'
import { VENDORS } from '../../src/vendors/index.js'
import { AUTHORIZED, JUICYWAY_WALLET, REFRESH, sandboxWith, scenarioOf, serve, WALLET } from './support.js'

const PATHS = { juspay: REFRESH, juicyway: JUICYWAY_WALLET }

describe.each(VENDORS)('$name', (vendor) => {
  const match = { operation: `${vendor.name}.*` }

  test.each(ERROR_NAMES)('%s, in its own words or refused', async (error) => {
    const scenario = scenarioOf({ name: 'the rule', match, effect: { error } })
    const form = vendor.errors[error]
    if (form === null) {
      expect(() => compile(scenario, VENDORS, 'file')).toThrow(
        `file:rules[0].effect.error: is "${error}", for which ${vendor.name} has no form; allowed`,
      )
      return
    }
    await using sandbox = await sandboxWith(scenario)
    const response = await sandbox.fetch(`http://sandbox${PATHS[vendor.name]}`, { headers: AUTHORIZED[vendor.name] })
    const words = form.answer(new Refusal(error, ''), { options: {}, operationId: '' } as Call)
    expect(response.status).toBe(words.status)
    expect(await response.json()).toEqual(words.body)
    expect(response.headers.get('x-sandbox-rule')).toBe('the rule')
    expect(response.headers.get('x-sandbox-fidelity')).toMatch(/^(published|observed|inferred)$/)
    expect(response.headers.get('x-sandbox-reason')).toContain(`rule "the rule" answers ${error}`)
    expect(response.headers.has('retry-after')).toBe(error === 'rate_limited')
  })
})

describe('Retry-After', () => {
  test('says how long the window still is on the sandbox clock', async () => {
    const served = await serve(
      scenarioOf({ when: { window: { to: '90s' } }, effect: { error: 'rate_limited' } }),
      VENDORS,
      { clock: '2023-09-11T08:30:00Z' },
    )
    const asked = async () => {
      const response = await fetch(`${served.url}${WALLET}`, { headers: AUTHORIZED.juspay })
      return [response.status, response.headers.get('retry-after')]
    }
    expect(await asked()).toEqual([429, '90'])
    served.merchant.clock.advance(29_500)
    expect(await asked()).toEqual([429, '61'])
    served.merchant.clock.advance(60_499)
    expect(await asked()).toEqual([429, '1'])
    served.merchant.clock.advance(1)
    expect(await asked()).toEqual([200, null])
    await served.close()
  })

  test('is a second where the rule has no window', async () => {
    await using sandbox = await sandboxWith(scenarioOf({ effect: { error: 'rate_limited' } }))
    const response = await sandbox.fetch(`http://sandbox${WALLET}`, { headers: AUTHORIZED.juspay })
    expect(response.headers.get('retry-after')).toBe('1')
  })
})
