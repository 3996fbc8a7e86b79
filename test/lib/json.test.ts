import { describe, expect, test } from 'vitest'
import { InputError } from '../../src/lib/errors.js'
import { decode, parseJson } from '../../src/lib/json.js'

const parse = (bytes: Buffer | string) => parseJson(decode(Buffer.from(bytes as string), 'f.json'), 'f.json')

const fault = (bytes: Buffer | string) => {
  try {
    return parse(bytes)
  } catch (error) {
    return error instanceof InputError ? error.message : error
  }
}

const bigEndian = (text: string) => Buffer.from(text, 'utf16le').swap16()

describe('encodings', () => {
  test('UTF-8, with or without a byte order mark', () => {
    expect(parse('{"name":"Zoë 🦜 \uFFFD"}')).toEqual({ name: 'Zoë 🦜 \uFFFD' })
    expect(parse('\uFEFF{"a":1}')).toEqual({ a: 1 })
    expect(parse('5')).toBe(5)
  })

  test.each([
    ['UTF-16LE', 'byte 1 (0xff)', Buffer.from('\uFEFF{"a":1}', 'utf16le')],
    ['UTF-16LE', 'byte 2 (0x00)', Buffer.from('{"a":1}', 'utf16le')],
    ['UTF-16BE', 'byte 1 (0xfe)', bigEndian('\uFEFF{"a":1}')],
    ['UTF-16BE', 'byte 1 (0x00)', bigEndian('{"a":1}')],
    ['UTF-32LE', 'byte 1 (0xff)', Buffer.from([0xff, 0xfe, 0, 0, 0x35, 0, 0, 0])],
    ['UTF-32BE', 'byte 1 (0x00)', Buffer.from([0, 0, 0, 0x35])],
  ])('%s is refused by %s', (encoding, byte, bytes) => {
    expect(fault(bytes)).toBe(`f.json: is ${encoding}, as ${byte} shows; allowed: UTF-8`)
  })

  test.each([
    ['Latin-1', Buffer.from('{"a":"Zo\xeb"}', 'latin1'), 'byte 9 (0xeb)'],
    ['a character cut short', Buffer.from('"é', 'utf8').subarray(0, 2), 'byte 2 (0xc3)'],
    ['a surrogate', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), 'byte 2 (0xed)'],
    ['after a replacement character', Buffer.concat([Buffer.from('"é\uFFFD'), Buffer.from([0x80])]), 'byte 7 (0x80)'],
  ])('%s is refused', (_, bytes, byte) => {
    expect(fault(bytes)).toBe(`f.json: is not UTF-8: ${byte} stands in no character of it; allowed: UTF-8`)
  })
})

describe('depth', () => {
  const nested = (levels: number, open = '[', close = ']') => `${open.repeat(levels)}1${close.repeat(levels)}`

  test('64 levels are read', () => {
    expect(JSON.stringify(parse(nested(64)))).toBe(nested(64))
    expect(parse(`[${Array(100).fill('[]').join(',')}]`)).toHaveLength(100)
    expect(parse(JSON.stringify(['['.repeat(100), '\\"[{'.repeat(100), '\\', '['.repeat(100)]))).toHaveLength(4)
  })

  test.each([
    ['65', nested(65)],
    ['100,000', nested(100_000)],
    ['100,000 objects', nested(100_000, '{"a":', '}')],
    ['without an end', '['.repeat(100_000)],
  ])('%s are refused', (_, text) => {
    expect(fault(text)).toMatch(/^f\.json:1:\d+: is nested more than 64 levels deep; allowed: at most 64$/)
  })
})
