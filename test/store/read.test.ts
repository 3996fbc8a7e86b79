import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSandbox, InputError } from '../../src/index.js'
import { readFixtures } from '../../src/store/read.js'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fixtures-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const write = (name: string, content: unknown) => {
  const file = join(folder, name)
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content, null, 2))
  return file
}

/** The sentences of a refusal, the folder's own path left out. */
const faults = async (source: string) => {
  const error: unknown = await readFixtures(source).catch((refusal) => refusal)
  if (!(error instanceof InputError)) return []
  return error.lines.map((line) => line.replaceAll(`${folder}/`, ''))
}

const WALLET = { id: 'wlt_a', wallet: 'PAYTM' }
const LINKED = { ...WALLET, linked: true, balance: 10 }
const merchant = (...customers: object[]) => ({ merchants: [{ id: 'm', customers }] })
const holding = (...wallets: object[]) => merchant({ id: 'c', wallets })
const ACCOUNT = { id: '3d2e3f3e-3b3c-4907-a4fd-e241203440d7', accountId: 'f55ca88c-71aa-4dab-a10a-4d818c11e8e6' }
const amount = 'allowed: an amount of at most ten trillion with at most two decimals, such as 109.55'
const wallet = 'merchants[0].customers[0].wallets[0]'

/** What the file holds, then each sentence after `f.json:`. */
const TABLE: readonly (readonly [name: string, content: unknown, ...sentences: (string | RegExp)[]])[] = [
  ['nothing', '', '1:1: is not JSON: Unexpected end of JSON input; allowed: one JSON value'],
  ['bad JSON', '{"merchants": [}', "1:16: is not JSON: Unexpected token '}'; allowed: one JSON value"],
  ['a bracket too many', '{\n  "merchants": [\n  ]]\n}', /^3:4: is not JSON: .*; allowed: one JSON value$/],
  ['a comma too many', '{\n  "merchants": [],\n}', /^3:1: is not JSON: .*; allowed: one JSON value$/],
  ['a word that is none', '{"merchants": nul}', "1:18: is not JSON: Unexpected token '}'; allowed: one JSON value"],
  ['text without an end', '{"merchants', /^1:12: is not JSON: Unterminated string; allowed: one JSON value$/],
  ['something after the end', '{}\n{}', /^2:1: is not JSON: .*; allowed: one JSON value$/],
  ['a list', [], '(top): is []; allowed: an object'],
  ['no merchants', {}, 'merchants: is missing; required: a list'],
  ['an empty list of merchants', { merchants: [] }, 'merchants: is []; allowed: at least one merchant'],
  ['an object for a list', { merchants: {} }, 'merchants: is {}; allowed: a list'],
  ['a merchant without an id', { merchants: [{}] }, /^merchants\[0\]\.id: is missing; required: text/],
  ['a number for an id', { merchants: [{ id: 5 }] }, /^merchants\[0\]\.id: is 5; allowed: text/],
  ['an empty id', { merchants: [{ id: '' }] }, /^merchants\[0\]\.id: is ""; allowed: text/],
  [
    'an unknown field',
    { merchants: [{ id: 'm', custmers: [] }] },
    /^merchants\[0\]: has an unknown field "custmers". Did you mean "customers"\? Known: id, .*customers/,
  ],
  [
    'a status of no key',
    { merchants: [{ id: 'm', juspayApiKeys: [{ key: 'k', status: 'dead' }] }] },
    'merchants[0].juspayApiKeys[0].status: is "dead"; allowed: "active", "revoked", "expired"',
  ],
  [
    'a merchant twice',
    { merchants: [{ id: 'm' }, { id: 'm' }] },
    'merchants[1].id: is "m", which merchants[0].id has already; allowed: a merchant id that stands once',
  ],
  [
    'a key of two merchants',
    {
      merchants: [
        { id: 'a', juspayApiKeys: [{ key: 'k' }] },
        { id: 'b', juspayApiKeys: [{ key: 'k' }] },
      ],
    },
    'merchants[1].juspayApiKeys[0].key: is "k", which merchants[0].juspayApiKeys[0].key has already; allowed: an API key that stands once',
  ],
  [
    'a customer twice',
    merchant({ id: 'c' }, { id: 'c' }),
    'merchants[0].customers[1].id: is "c", which merchants[0].customers[0].id has already; allowed: a customer id that stands once',
  ],
  [
    "an id that is another customer's reference",
    merchant({ id: 'd', objectReferenceId: 'c' }, { id: 'c' }),
    'merchants[0].customers[1].id: is "c", which merchants[0].customers[0].objectReferenceId has already; allowed: a customer id that stands once',
  ],
  [
    "a reference that is another customer's id",
    merchant({ id: 'c' }, { id: 'd', objectReferenceId: 'c' }),
    'merchants[0].customers[1].objectReferenceId: is "c", which merchants[0].customers[0].id has already; allowed: an object reference id that stands once',
  ],
  [
    'a wallet twice',
    merchant({ id: 'c', wallets: [WALLET] }, { id: 'd', wallets: [WALLET] }),
    `merchants[0].customers[1].wallets[0].id: is "wlt_a", which ${wallet}.id has already; allowed: a wallet id that stands once`,
  ],
  [
    'a wallet of an unknown customer',
    { merchants: [{ id: 'm', customers: [{ id: 'c' }], wallets: [{ customer: 'd', ...WALLET }] }] },
    'merchants[0].wallets[0].customer: is "d", a customer that merchant "m" does not have; allowed: c',
  ],
  [
    'a wallet of a merchant without customers',
    { merchants: [{ id: 'm', wallets: [{ customer: 'd', ...WALLET }] }] },
    /allowed: none, the merchant has no customers$/,
  ],
  ['three decimals', holding({ ...LINKED, balance: 1.005 }), `${wallet}.balance: is 1.005; ${amount}`],
  ['more than ten trillion', holding({ ...LINKED, balance: 1e21 }), `${wallet}.balance: is 1e+21; ${amount}`],
  ['text for an amount', holding({ ...LINKED, balance: '10' }), `${wallet}.balance: is "10"; ${amount}`],
  [
    'a linked wallet without a balance',
    holding({ ...WALLET, linked: true }),
    `${wallet}.balance: is missing; required: the balance last seen, because the wallet is linked`,
  ],
  [
    'a balance that is not the sub-account’s',
    holding({ ...LINKED, subDetails: [{ paymentMethod: 'PAYTM', balance: 11 }] }),
    `${wallet}.balance: is 10; allowed: 11, the balance of the sub-account named PAYTM, or nothing`,
  ],
  ['text for a switch', holding({ ...LINKED, linked: 'true' }), `${wallet}.linked: is "true"; allowed: true or false`],
  [
    'no time',
    holding({ ...LINKED, lastRefreshed: 'yesterday' }),
    `${wallet}.lastRefreshed: is "yesterday"; allowed: a UTC time such as "2023-09-11T08:30:00Z"`,
  ],
  [
    'a time there never was',
    holding({ ...LINKED, lastRefreshed: '2023-13-11T08:30:00Z' }),
    /lastRefreshed: is "2023-13/,
  ],
  ['a number for a token', holding({ ...LINKED, token: 5 }), /token: is 5; allowed: the text of a token, or {"value"/],
  [
    'several faults',
    merchant({ id: 'c', currencyWallets: [{ ...ACCOUNT, id: 'x', currency: 'usd', balance: 1.5 }] }),
    'merchants[0].customers[0].currencyWallets[0].id: is "x"; allowed: a UUID in lower case',
    'merchants[0].customers[0].currencyWallets[0].currency: is "usd"; allowed: a currency code such as "USD"',
    'merchants[0].customers[0].currencyWallets[0].balance: is 1.5; allowed: a whole number from 0',
  ],
]

const CROWD = Array.from({ length: 5000 }, (_, i) => ({ id: `crowd_${i}`, wallets: [{ ...LINKED, id: `wlt_${i}` }] }))

/** The same and a merchant of so many customers that each is checked by itself; undefined where that changes the fault. */
function crowded(content: unknown): object | undefined {
  const { merchants } = content as { merchants?: unknown }
  if (!Array.isArray(merchants) || merchants.length === 0) return undefined
  return { ...(content as object), merchants: [...merchants, { id: 'crowd', customers: CROWD }] }
}

describe('a fixture file with a fault names file, place and what is allowed', () => {
  const rows = TABLE.flatMap(([name, content, ...sentences]) => {
    const large = crowded(content)
    const row = { name, content, sentences }
    return large ? [row, { ...row, name: `${name}, in a large file`, content: large }] : [row]
  })
  test.each(rows)('$name', async ({ content, sentences }) => {
    const lines = await faults(write('f.json', content))
    expect(lines).toHaveLength(sentences.length)
    for (const [i, sentence] of sentences.entries()) {
      expect(lines[i]).toMatch(/^f\.json:/)
      const rest = lines[i]!.slice('f.json:'.length)
      if (typeof sentence === 'string') expect(rest).toBe(sentence)
      else expect(rest).toMatch(sentence)
    }
  })

  test('no more than twenty at once', async () => {
    const lines = await faults(write('f.json', { merchants: Array.from({ length: 50 }, () => ({})) }))
    expect(lines).toHaveLength(21)
    expect(lines.at(-1)).toBe('f.json: and 30 more')
  })

  test('a file that is not there', async () => {
    expect(await faults(join(folder, 'absent.json'))).toEqual([
      'absent.json: cannot be read: there is no such file or folder; allowed: a fixture file, or a folder of JSON files',
    ])
  })

  test('fixtures given in-process', async () => {
    const fixtures = { merchants: [{ id: 5 }] } as never
    await expect(createSandbox({ fixtures })).rejects.toThrow('fixtures:merchants[0].id: is 5; allowed: text')
  })
})

test('a large file without a fault is read as it is', async () => {
  const wallets = [{ customer: 'crowd_7', ...WALLET }]
  const fixtures = { merchants: [{ id: 'm', customers: CROWD, wallets }, { id: 'other' }] }
  expect(await readFixtures(write('large.json', fixtures))).toEqual(fixtures)
})

test('a byte order mark is passed over', async () => {
  expect(await readFixtures(write('bom.json', '\uFEFF{"merchants":[{"id":"m"}]}'))).toEqual({
    merchants: [{ id: 'm' }],
  })
})

describe('a folder', () => {
  test('its files make one set of fixtures, and wallets may stand apart from their customers', async () => {
    write('whole/1.json', { merchants: [{ id: 'm', juspayApiKeys: [{ key: 'k' }], customers: [{ id: 'c' }] }] })
    write('whole/2.json', { merchants: [{ id: 'other' }, { id: 'm', wallets: [{ customer: 'c', ...LINKED }] }] })
    write('whole/fixtures.schema.json', '{}')
    write('whole/notes.txt', 'no JSON')
    const sandbox = await createSandbox({ fixtures: join(folder, 'whole'), latency: 'off' })
    const headers = { authorization: `Basic ${btoa('k:')}` }
    const response = await sandbox.fetch('https://sandbox.juspay.in/customers/c/wallets', { headers })
    expect(await response.json()).toMatchObject({ total: 1, list: [{ id: 'wlt_a', current_balance: 10 }] })
    await sandbox.close()
  })

  test('a fault across files names both files', async () => {
    write('split/1.json', holding(WALLET))
    const wallets = [{ customer: 'nobody', id: 'wlt_b', wallet: 'PAYTM' }]
    const customers = [{ id: 'd', wallets: [{ id: 'wlt_c', wallet: 'PAYTM' }, WALLET] }]
    write('split/2.json', { merchants: [{ id: 'other' }, { id: 'm', customers, wallets }] })
    expect(await faults(join(folder, 'split'))).toEqual([
      'split/2.json:merchants[1].customers[0].wallets[1].id: is "wlt_a", which split/1.json:merchants[0].customers[0].wallets[0].id has already; allowed: a wallet id that stands once',
      'split/2.json:merchants[1].wallets[0].customer: is "nobody", a customer that merchant "m" does not have; allowed: c, d',
    ])
  })

  test('a fault across large files too', async () => {
    write('crowds/1.json', merchant(...CROWD))
    write('crowds/2.json', merchant({ id: 'c', wallets: [{ id: 'wlt_4999', wallet: 'PAYTM' }] }))
    expect(await faults(join(folder, 'crowds'))).toEqual([
      'crowds/2.json:merchants[0].customers[0].wallets[0].id: is "wlt_4999", which crowds/1.json:merchants[0].customers[4999].wallets[0].id has already; allowed: a wallet id that stands once',
    ])
  })

  test('a fault in one file names that file', async () => {
    write('one/1.json', holding(WALLET))
    write('one/2.json', { merchants: 5 })
    expect(await faults(join(folder, 'one'))).toEqual(['one/2.json:merchants: is 5; allowed: a list'])
  })

  test('without a JSON file', async () => {
    mkdirSync(join(folder, 'bare'))
    expect(await faults(join(folder, 'bare'))).toEqual([
      'bare: has no JSON file in it; allowed: a fixture file, or a folder of JSON files',
    ])
  })
})
