import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createSandbox } from '../../src/index.js'
import { locate } from '../../src/inspector/client/places.js'
import { every } from '../every.js'
import { commandHere } from '../spawn.js'

/** What newcomers get wrong, each with the sentence that mends it, from `validate`, from `PUT …/scenario` and in the inspector's editor. */

const folder = mkdtempSync(join(tmpdir(), 'mistakes-'))
const sandbox = await createSandbox({ latency: 'off' })
const url = `${await sandbox.listen()}/_sandbox/scenario`
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await sandbox.close()
})

const rule = (given: object) => ({ name: 's', rules: [{ name: 'r', effect: { fault: 'reset' }, ...given }] })
const operation = (name: string) => rule({ match: { operation: name } })
const error = (name: unknown) => rule({ effect: { error: name } })
const event = (name: string) =>
  rule({ match: { operation: 'juspay.debitWallet', event: name }, effect: { webhook: 'drop' } })

const MISTAKES: readonly (readonly [string, unknown, string])[] = [
  ['no prefix', operation('refreshAllWallets'), 'names no operation. Did you mean "juspay.refreshAllWallets"?'],
  ['a name in lower case', operation('juspay.refreshallwallets'), 'Did you mean "juspay.refreshAllWallets"?'],
  ['a name of both vendors', operation('listWallets'), 'mean "juspay.listWallets" or "juicyway.listWallets"?'],
  ['the other vendor', operation('juspay.listTransactions'), 'Did you mean "juicyway.listTransactions"?'],
  ['a typo', operation('juspay.getWalet'), 'Did you mean "juspay.getWallet"?'],
  ['a typo without a prefix', operation('refreshAllWalets'), 'Did you mean "juspay.refreshAllWallets"?'],
  ['a pattern without a prefix', operation('refresh*'), 'Did you mean "*.refresh*"?'],
  [
    'method and path',
    operation('GET /wallets/{id}'),
    'mean "juspay.getWallet" or "juspay.refreshWallet" or "juicyway.retrieveWallet"?',
  ],
  [
    'a URL that was sent',
    operation('https://sandbox.juspay.in/customers/guest_user/wallets/refresh-balances?x=1'),
    'Did you mean "juspay.refreshAllWallets"?',
  ],
  ['a path in capitals of another style', operation('post /txns'), 'Did you mean "juspay.debitWallet"?'],
  ['a model without a prefix', { name: 's', latency: { getOrder: 'published' } }, 'Did you mean "juspay.getOrder"?'],
  ['a status', error('401'), 'which is not an error. Did you mean "invalid_authentication"?'],
  ['a status as a number', error(401), 'is 401; allowed: the name of an error. Did you mean "invalid_authentication"?'],
  ['a status and its words', error('503 Service Unavailable'), 'Did you mean "provider_unavailable"?'],
  ['the words of a status', error('Unauthorized'), 'Did you mean "invalid_authentication"?'],
  ['a shorter name', error('rate_limit'), 'Did you mean "rate_limited"?'],
  ['a misspelt event', event('ORDER_SUCEEDED'), 'names no event. Did you mean "ORDER_SUCCEEDED"?'],
  ['an event in the style of others', event('order.succeeded'), 'Did you mean "ORDER_SUCCEEDED"?'],
  ['an effect beside the effect', rule({ error: 'server_error' }), 'unknown field "error". It is a field of "effect".'],
  ['a count beside when', rule({ nth: 3 }), 'has an unknown field "nth". It is a field of "when".'],
  ['an operation beside match', rule({ operation: 'x' }), 'unknown field "operation". It is a field of "match".'],
  ['a status as an effect', rule({ effect: { status: 401 } }), 'unknown field "status". It is a field of "response".'],
  ['a misspelt effect', rule({ effect: { eror: 'x' } }), 'has an unknown field "eror". Did you mean "error"?'],
  ['a misspelt shipped scenario', { extends: 'flakey' }, 'none of the shipped ones. Did you mean "flaky"?'],
]

test('validate, PUT and the editor say what was meant, and list no names beside it', () =>
  every(MISTAKES, async ([, scenario, sentence]) => {
    const file = join(folder, 'scenario.json')
    const text = JSON.stringify(scenario, null, 2)
    writeFileSync(file, text)
    const { status, err } = await commandHere(['validate', file])
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(url, { method: 'PUT', headers, body: text })
    const answer = (await response.json()) as { error: { details: string[] } }
    expect([status, response.status]).toEqual([1, 400])
    for (const said of [err, JSON.stringify(answer).replaceAll('\\"', '"')]) {
      expect(said).toContain(sentence)
      expect(said).not.toMatch(/Known: |Shipped: /)
    }
    const shown = locate(text, answer.error.details)
    expect(shown).toContainEqual({ line: expect.any(Number), sentence: expect.stringContaining(sentence) })
    for (const { line, sentence } of shown) {
      const [, key] = /unknown field "(\w+)"/.exec(sentence) ?? /(\w+): /.exec(sentence)!
      expect(text.split('\n')[line!]).toContain(`"${key}":`)
    }
  }))

test('where nothing is near, all names are listed, once', async () => {
  const far = (name: string, match: object) => ({ name, match, effect: { fault: 'reset' } })
  const file = join(folder, 'far.json')
  const rules = ['aaa', 'bbb'].map((name) => far(name, { operation: `${name}_________` }))
  writeFileSync(file, JSON.stringify({ name: 's', rules }))
  const lines = (await commandHere(['validate', file])).err.trim().split('\n')
  expect(lines).toEqual([
    expect.stringMatching(/which names no operation\. Known: juspay\.getWallet, .*juicyway\.addPaymentMethod$/),
    expect.stringMatching(/which names no operation\. Known: those listed above$/),
  ])
})

test('commands of other tools', () =>
  every(
    [
      ['serve', 'start'],
      ['run', 'start'],
      ['check', 'validate'],
      ['strat', 'start'],
    ] as const,
    async ([given, meant]) => {
      const { status, err } = await commandHere([given])
      expect([status, err]).toEqual([2, `wallet-sandbox: unknown command "${given}". Did you mean "${meant}"?\n`])
    },
  ))
