import { describe, expect, test } from 'vitest'
import { every } from '../every.js'
import { AUTHORIZED, JUICYWAY_WALLET, REFRESH, sandboxWith, scenarioOf, WALLET } from './support.js'

type Answer = readonly [status: number, body: object]

const threeKeys = (status: string, error_code: string, error_message: string) => ({ status, error_code, error_message })
const envelope = (code: string, message: string) => ({ error: { code, message } })

/** What each vendor answers to each error that a scenario can name; null where it has no answer of the kind. */
const ANSWERS: Readonly<Record<'juspay' | 'juicyway', Readonly<Record<string, Answer | null>>>> = {
  juspay: {
    invalid_authentication: [401, threeKeys('Invalid Authentication', 'access_denied', 'Invalid Authentication')],
    forbidden: null,
    bad_request: [400, threeKeys('Invalid Request', 'Invalid', 'Invalid Request')],
    not_found: [404, threeKeys('Not Found', 'not_found', 'No such resource.')],
    method_not_allowed: [405, threeKeys('Method Not Allowed', 'method_not_allowed', 'Method not allowed.')],
    payload_too_large: [413, threeKeys('Payload Too Large', 'payload_too_large', 'Request body too large.')],
    customer_not_found: [400, threeKeys('Invalid Request', 'null_error', 'Customer not found for given customerId.')],
    wallet_not_found: [400, threeKeys('Invalid Request', 'null_error', 'Wallet not found for given walletId.')],
    conflict: [
      400,
      {
        error_message: 'Customer with given object reference id already exist for your account.',
        status: 'invalid_request_error',
        error_code: 'unique',
        error_info: {
          user_message: 'Already exists.',
          developer_message: 'Customer account with given object reference already exists.',
          code: 'ALREADY_EXISTS',
          category: 'USER_ERROR',
        },
      },
    ],
    unprocessable: [
      400,
      {
        error_message: 'Wrong value in the request',
        status: 'Invalid Request',
        error_code: 'Invalid Request',
        error_info: {
          user_message: 'Invalid request params. Please verify your input.',
          fields: [],
          developer_message: 'Invalid request params',
          code: 'INVALID_INPUT',
          category: 'USER_ERROR',
        },
      },
    ],
    insufficient_balance: null,
    order_not_found: [
      400,
      {
        status: 'NOT_FOUND',
        error_info: {
          user_message: 'Order Not Found',
          developer_message: 'Order Not Found',
          code: 'RESOURCE_NOT_FOUND',
          category: 'USER_ERROR',
        },
        status_id: 40,
        order_id: '',
      },
    ],
    otp_required: [
      400,
      { error_message: 'OTP is required while linking wallet.', status: 'Invalid Request', error_code: 'Invalid' },
    ],
    invalid_otp: [
      400,
      {
        status: 'Invalid Request',
        error_message: 'Oops!! OTP you entered seems to be wrong.',
        error_code: 'LP_INCORRECT_OTP',
      },
    ],
    otp_locked: [
      400,
      {
        status: 'Invalid Request',
        error_message: 'Oops!! Your account seems to be locked',
        error_code: 'LP_USER_LOCKED',
      },
    ],
    token_expired: [
      400,
      {
        error_message: 'The wallet token is used, expired or unknown.',
        status: 'Invalid Request',
        error_code: 'expired',
        error_info: {
          user_message: 'Cannot process your request as the wallet token has expired.',
          developer_message: 'direct_wallet_token is used, expired or unknown.',
          code: 'EXPIRED',
          category: 'USER_ERROR',
        },
      },
    ],
    rate_limited: [429, threeKeys('Too Many Requests', 'rate_limited', 'Too many requests.')],
    server_error: [500, threeKeys('Internal Server Error', 'internal_error', 'Internal server error.')],
    provider_unavailable: [
      502,
      threeKeys('Bad Gateway', 'provider_unavailable', 'The wallet provider cannot be reached.'),
    ],
    provider_timeout: [
      504,
      threeKeys('Gateway Timeout', 'provider_timeout', 'The wallet provider did not answer in time.'),
    ],
    maintenance: [503, threeKeys('Service Unavailable', 'maintenance', 'The service is under maintenance.')],
  },
  juicyway: {
    invalid_authentication: [401, envelope('unauthorized', 'Unauthorized')],
    forbidden: [403, envelope('forbidden', 'Access denied')],
    bad_request: [400, envelope('invalid_request', 'Invalid parameters provided')],
    not_found: [404, envelope('not_found', 'Not found')],
    method_not_allowed: [405, envelope('method_not_allowed', 'Method not allowed')],
    payload_too_large: [413, envelope('payload_too_large', 'Payload too large')],
    customer_not_found: [404, envelope('not_found', 'Customer not found')],
    wallet_not_found: [404, envelope('not_found', 'Wallet not found')],
    conflict: [409, envelope('conflict', 'Conflict')],
    unprocessable: [422, envelope('validation_error', 'The request contains invalid parameters')],
    insufficient_balance: [409, envelope('insufficient_balance', 'Insufficient balance')],
    order_not_found: null,
    otp_required: null,
    invalid_otp: null,
    otp_locked: null,
    token_expired: null,
    rate_limited: [429, envelope('rate_limited', 'Too many requests')],
    server_error: [500, envelope('internal_error', 'Internal server error')],
    provider_unavailable: null,
    provider_timeout: null,
    maintenance: [503, envelope('service_unavailable', 'Service under maintenance')],
  },
}

const PATHS = { juspay: REFRESH, juicyway: JUICYWAY_WALLET }

describe.each(['juspay', 'juicyway'] as const)('%s', (vendor) => {
  const answers = Object.entries(ANSWERS[vendor])
  const failing = (error: string) =>
    scenarioOf({ name: 'the rule', match: { operation: `${vendor}.*` }, effect: { error } })

  test('has its own words for each error that a rule names', async () => {
    await using sandbox = await sandboxWith('instant')
    const having = answers.filter((entry): entry is [string, Answer] => entry[1] !== null)
    await every(having, async ([error, [status, body]]) => {
      await sandbox.control.scenario.put(failing(error))
      const response = await sandbox.fetch(`http://sandbox${PATHS[vendor]}`, { headers: AUTHORIZED[vendor] })
      expect([response.status, await response.json()]).toEqual([status, body])
      expect(response.headers.get('x-sandbox-rule')).toBe('the rule')
      expect(response.headers.get('x-sandbox-fidelity')).toMatch(/^(published|observed|inferred)$/)
      expect(response.headers.get('x-sandbox-reason')).toContain(`rule "the rule" answers ${error}`)
      expect(response.headers.has('retry-after')).toBe(error === 'rate_limited')
    })
  })

  test('lets a scenario name no error that it has no words for', () =>
    every(
      answers.filter(([, answer]) => answer === null),
      async ([error]) => {
        await expect(sandboxWith(failing(error))).rejects.toThrow(
          `rules[0].effect.error: is "${error}", for which ${vendor} has no form; allowed`,
        )
      },
    ))
})

test('every error that a scenario can name is in the tables', async () => {
  const refused = await sandboxWith(scenarioOf({ effect: { error: 'nonsense' } })).catch(
    (error: Error) => error.message,
  )
  const known = /Known: (.*)$/.exec(String(refused))?.[1]?.split(', ').sort()
  for (const answers of Object.values(ANSWERS)) expect(Object.keys(answers).sort()).toEqual(known)
})

describe('Retry-After', () => {
  test('says how long the window still is on the sandbox clock', async () => {
    await using sandbox = await sandboxWith(
      scenarioOf({ when: { window: { to: '90s' } }, effect: { error: 'rate_limited' } }),
    )
    const url = await sandbox.listen()
    const asked = async () => {
      const response = await fetch(`${url}${WALLET}`, { headers: AUTHORIZED.juspay })
      return [response.status, response.headers.get('retry-after')]
    }
    expect(await asked()).toEqual([429, '90'])
    await sandbox.control.clock.advance(29_500)
    expect(await asked()).toEqual([429, '61'])
    await sandbox.control.clock.advance(60_499)
    expect(await asked()).toEqual([429, '1'])
    await sandbox.control.clock.advance(1)
    expect(await asked()).toEqual([200, null])
  })

  test('is a second where the rule has no window', async () => {
    await using sandbox = await sandboxWith(scenarioOf({ effect: { error: 'rate_limited' } }))
    const response = await sandbox.fetch(`http://sandbox${WALLET}`, { headers: AUTHORIZED.juspay })
    expect(response.headers.get('retry-after')).toBe('1')
  })
})
