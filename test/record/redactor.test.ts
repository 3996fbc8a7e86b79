import { expect, test } from 'vitest'
import { decoded } from '../../src/lib/text.js'
import { Redactor } from '../../src/record/redactor.js'
import { expectProportion } from '../cpu.js'
import { every } from '../every.js'

const KEY = 'initech_secret_key'
const TOKEN = 'tok_9d8f7a6b5c4e3f2a1b0c'
const percent = (text: string) => text.replace(/./g, (c) => `%${c.charCodeAt(0).toString(16)}`)

/** Fields of an order, and what must not be found in them afterwards. */
const ORDERS: readonly (readonly [fields: Record<string, string>, hidden: string])[] = [
  [{ return_url: 'https://shop.example/done?session=abc-def-1' }, 'abc-def-1'],
  [{ return_url: 'https://shop.example/done?accessToken=short1#x' }, 'short1'],
  [{ return_url: `https://shop.example/done?ref=${TOKEN}` }, TOKEN],
  [{ return_url: 'https://shop.example/done?mail=asha.rao%40example.org' }, 'asha.rao@example.org'],
  [{ return_url: 'https://shop.example/done?to=%2B919811122233' }, '9811122233'],
  [{ return_url: 'https://shop.example/done?name=Asha+R%C3%A5o', first_name: 'Råo' }, 'Råo'],
  [{ return_url: `https://shop.example/done?next=${encodeURIComponent('/back?api_key=k-1-2-3')}` }, 'k-1-2-3'],
  [{ return_url: `https://shop.example/done?a=${percent(KEY)}` }, KEY],
  [{ udf1: `key ${KEY}` }, KEY],
  [{ udf2: `by-${KEY}-here` }, KEY],
  [{ udf3: btoa(`${KEY}:`) }, btoa(`${KEY}:`).slice(0, 20)],
  [{ udf4: '{"password":"hunter2!"}' }, 'hunter2!'],
  [{ udf5: 'otp: 482913' }, '482913'],
  [{ udf6: TOKEN }, TOKEN],
  [{ 'metadata.session_id': 'sess-77' }, 'sess-77'],
  [{ 'metadata.note': `see ${TOKEN}` }, TOKEN],
  [{ 'metadata.card_pin': '4455' }, '4455'],
]

test('secrets are hidden in what a merchant adds to an order, as they read and as they are encoded', () =>
  every(ORDERS, ([fields, hidden]) => {
    const redactor = new Redactor()
    redactor.replace(KEY, 'stand_in_key')
    redactor.learn(fields)
    const shown = JSON.stringify(redactor.apply({ ...fields, order: { metadata: fields } }))
    expect(decoded(shown)).not.toContain(hidden)
    expect(shown).not.toContain(hidden)
  }))

test('names of things, and what says nothing, stay', () => {
  const redactor = new Redactor()
  const order = {
    order_id: 'ORDER-2024-0001-ABCDEF',
    udf1: 'for ORDER-2024-0001-ABCDEF',
    udf2: 'page=2&sort=name',
    return_url: 'https://shop.example/done?order=ORDER-2024-0001-ABCDEF&lang=en',
    udf3: '100% wool %zz',
    udf4: '3d2e3f3e-3b3c-4907-a4fd-000000000001',
  }
  redactor.learn(order)
  expect(redactor.apply(order)).toEqual(order)
})

test('a long text is read in time that grows with its length', () =>
  every(['a', 'a-', 'a1', '%41', 'a ', '1 ', 'a='], (piece) =>
    expectProportion((parts) => new Redactor().learn({ udf1: piece.repeat((50_000 * parts) / piece.length) })),
  ))
