import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { validateFile } from '../../src/cli/validate-file.js'
import { createSandbox, type Recording, record } from '../../src/index.js'
import { every } from '../every.js'
import {
  type Answered,
  type Call,
  type Exchange,
  KEYS,
  lastReads,
  runSession,
  type Sent,
  upstreamFixtures,
} from './session.js'

const folder = mkdtempSync(join(tmpdir(), 'wallet-sandbox-record-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0
const fresh = () => join(folder, `${++files}.json`)

const CLOCK = '2024-03-05T10:00:00Z'

const over =
  (url: string): Exchange =>
  async ({ path, ...init }) => {
    const response = await fetch(`${url}${path}`, { ...init, redirect: 'manual' })
    return { status: response.status, text: await response.text() }
  }

/** A session with another sandbox of other fixtures and seed, recorded. */
async function recordSession(options: { redact?: boolean } = {}) {
  const fixtures = upstreamFixtures()
  await using upstream = await createSandbox({ fixtures, seed: 99, clock: CLOCK, latency: 'off' })
  const origin = await upstream.listen()
  const [out, scenarioOut] = [fresh(), fresh()]
  const recorder = await record({ upstream: origin, out, scenarioOut, ...options })
  const calls = await runSession(over(recorder.url), fixtures)
  const recording = await recorder.stop()
  return { fixtures, calls, recording, out, scenarioOut, origin }
}

/** Asks the recording, at the origin that the vendor had, for what stands in links. */
async function reread(reads: readonly Call[], out: string, origin: string, change: (sent: Sent) => Sent) {
  await using sandbox = await createSandbox({ fixtures: out, clock: '2025-01-01T00:00:00Z', latency: 'off' })
  const answers: Answered[] = []
  for (const { sent } of reads) {
    const { path, ...init } = change(sent)
    const response = await sandbox.fetch(`${origin}${path}`, init)
    answers.push({ status: response.status, text: await response.text() })
  }
  return answers
}

test('the reads of a session come back byte for byte', async () => {
  const { calls, out, scenarioOut, origin, recording } = await recordSession({ redact: false })
  expect(calls.length).toBeGreaterThanOrEqual(60)
  expect((await validateFile(out)).faults).toEqual([])
  expect((await validateFile(scenarioOut)).faults).toEqual([])
  expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual(recording.fixtures)
  const reads = lastReads(calls)
  expect(reads.length).toBeGreaterThanOrEqual(30)
  const answers = await reread(reads, out, origin, (sent) => sent)
  await every(reads, ({ answered, sent }) => {
    expect(answers[reads.findIndex((read) => read.sent === sent)], sent.path).toEqual(answered)
  })
})

/** A value with its leaves as what they are: two bodies of one form have equal ones. */
function formOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(formOf)
  if (typeof value === 'string')
    return value
      .replace(/\S+@\S+/g, 'e-mail')
      .replace(/[A-Za-z]+/g, 'a')
      .replace(/\d/g, '0')
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, formOf(inner)]))
}

/** A request as the client of a redacted recording sends it. */
const withStandIns = ({ fixtures, standIn }: Recording, sent: Sent): Sent => {
  const [{ juspayApiKeys, juicywayApiKeys }] = fixtures.merchants as [Recording['fixtures']['merchants'][number]]
  const isJuicyway = sent.headers.authorization!.startsWith('Bearer')
  const authorization = isJuicyway
    ? `Bearer ${juicywayApiKeys![0]!.key}`
    : `Basic ${btoa(`${juspayApiKeys![0]!.key}:`)}`
  return { ...sent, path: standIn(decodeURIComponent(sent.path)), headers: { ...sent.headers, authorization } }
}

test('a redacted recording answers in the same form, and holds nothing that says who it was', async () => {
  const { fixtures, calls, out, scenarioOut, origin, recording } = await recordSession()
  const reads = lastReads(calls)
  const answers = await reread(reads, out, origin, (sent) => withStandIns(recording, sent))
  await every(reads, ({ answered, sent }) => {
    const { status, text } = answers[reads.findIndex((read) => read.sent === sent)]!
    expect({ status, form: formOf(JSON.parse(text)) }, sent.path).toEqual({
      status: answered.status,
      form: formOf(JSON.parse(answered.text)),
    })
  })

  const written = [out, scenarioOut, out.replace('.json', '.report.txt')]
    .map((file) => readFileSync(file, 'utf8'))
    .join()
  const people = fixtures.merchants[0]!.customers!.flatMap(({ firstName, lastName, mobileNumber, emailAddress }) => [
    firstName,
    lastName,
    mobileNumber,
    emailAddress,
  ])
  const tokens = calls.flatMap(({ answered }) => answered.text.match(/\bto?k_\w+/g) ?? [])
  const markers = [...people, ...tokens, ...Object.values(KEYS), 'wrong_key_of_mine', 'Marina Road', '101241'].concat([
    'Meera',
    'Iyer',
    '9811122233',
    '98111 22233',
    'meera.iyer',
    'Ngozi',
    'Adeyemi',
    'ngozi@',
    '8031234567',
    's3cr3t-marker',
    'opaque1marker2opaque3',
  ])
  expect(tokens.length).toBeGreaterThan(20)
  await every(
    [...new Set(markers)].filter((marker) => marker !== undefined),
    (marker) => {
      expect(written.toLowerCase()).not.toMatch(new RegExp(`(?<![a-z0-9])${marker.toLowerCase()}(?![a-z])`))
    },
  )

  const customers = recording.fixtures.merchants[0]!.customers!
  const generated = customers.filter(({ mobileCountryCode }) => mobileCountryCode === '91')
  expect(generated.length).toBeGreaterThan(fixtures.merchants[0]!.customers!.length - 2)
  await every(generated, ({ mobileNumber, emailAddress, firstName, wallets = [] }) => {
    expect(mobileNumber).toMatch(/^[6-9]\d{9}$/)
    expect(emailAddress).toMatch(/^person\d+@example\.com$/)
    expect(firstName).toMatch(/^[A-Z]/)
    for (const { metadata } of wallets) expect(metadata?.mobile_number ?? mobileNumber).toBe(mobileNumber)
  })
  expect(recording.standIn('+91 98111 22233').replace(/\D/g, '').slice(2)).toBe(recording.standIn('9811122233'))

  // The same session is the same file, whoever records it.
  expect((await recordSession()).recording.fixtures).toEqual(recording.fixtures)
})
