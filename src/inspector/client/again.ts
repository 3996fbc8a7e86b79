import { credentialFor } from '../../lib/credential.js'
import type { Entry, MerchantView, Scenario } from './control-answers.js'

/** How a call of the journal is made again. Its key was never kept, so another of the same merchant stands in. */

/** What the connection or the client library sets by itself, and what is redacted. */
const NOT_SENT =
  /^(host|connection|content-length|transfer-encoding|accept-encoding|authorization|accept|user-agent|accept-language|te|upgrade|expect|origin|referer|pragma|cache-control|sec-.*)$/

/** The keys there are, and how each is sent. */
export interface Keys {
  readonly merchants: readonly MerchantView[]
  /** Authorization schemes by vendor. */
  readonly schemes: Readonly<Record<string, string>>
}

/** One of the merchant's; where the reason says that it was refused, one that is. */
function keyFor(entry: Entry, { merchants }: Keys): string {
  if (entry.merchant === null) return 'no_such_key'
  if (entry.merchant.startsWith('sandbox_')) return entry.merchant
  const keys = merchants.find(({ id }) => id === entry.merchant)?.keys
  const all = keys?.[entry.vendor as keyof typeof keys] ?? []
  const state = /The API key is (revoked|expired)\./.exec(entry.reason ?? '')?.[1]
  return (state && all.find((key) => key.includes(state))) ?? all[0] ?? 'YOUR_KEY'
}

export const addressOf = ({ path, query }: Entry['request']) => (query === '' ? path : `${path}?${query}`)

const headersOf = ({ headers }: Entry['request']) => Object.entries(headers).filter(([name]) => !NOT_SENT.test(name))

const authorizes = ({ request }: Entry) => 'authorization' in request.headers

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

export function toCurl(entry: Entry, keys: Keys, origin: string): string {
  const { method, body } = entry.request
  return [
    'curl',
    ...(method === 'GET' ? [] : ['-X', method]),
    quoted(`${origin}${addressOf(entry.request)}`),
    ...(authorizes(entry) ? credential(entry, keys) : []),
    ...headersOf(entry.request).flatMap(([name, value]) => ['-H', quoted(`${name}: ${value}`)]),
    ...(body === '' ? [] : ['--data-raw', quoted(body)]),
  ].join(' ')
}

function credential(entry: Entry, keys: Keys): string[] {
  const key = keyFor(entry, keys)
  const scheme = keys.schemes[entry.vendor!]!
  // curl has a shorter word for it.
  return scheme === 'Basic' ? ['-u', quoted(`${key}:`)] : ['-H', quoted(`Authorization: ${credentialFor(scheme, key)}`)]
}

/** Calls of the same customer that a test makes first, at most. */
const MAX_BEFORE = 100

/** What a rule counts and a token remembers: the earlier calls about the same customer or wallet, oldest first. */
export function callsBefore(entry: Entry, entries: readonly Entry[]): Entry[] {
  const isSame = (other: Entry) =>
    other.merchant === entry.merchant &&
    other.id < entry.id &&
    ((other.customer !== null && other.customer === entry.customer) ||
      (other.wallet !== null && other.wallet === entry.wallet))
  return entries.filter(isSame).slice(-MAX_BEFORE)
}

const literal = (value: unknown, indent = 0) =>
  JSON.stringify(value, null, 2).replaceAll('\n', `\n${' '.repeat(indent)}`)

/** A vitest test that makes the call in-process, after the calls of its customer that came before. */
export function toTest(entry: Entry, before: readonly Entry[], scenario: Scenario, keys: Keys): string {
  const seed = Number(entry.response?.headers['x-sandbox-seed'] ?? 1)
  const [first = entry] = before
  const options = { seed, clock: first.at, latency: 'off', scenario: withoutCounts(scenario) }
  const lines: string[] = []
  let at = first.at
  for (const call of [...before, entry]) {
    if (call.at !== at) lines.push(`  await sandbox.control.clock.put({ now: ${literal(call.at)} })`)
    at = call.at
    // Links in an answer begin with it.
    const origin = `http://${call.request.headers.host ?? 'localhost'}`
    const made = `sandbox.fetch(${literal(`${origin}${addressOf(call.request)}`)}, ${literal(initOf(call, keys), 2)})`
    lines.push(
      ...(call === entry
        ? expectations(call, made)
        : [`  await ${made}${leavesAnAnswer(call) ? '' : '.catch(() => {})'}`]),
    )
  }
  return `import { expect, test } from 'vitest'
import { createSandbox } from 'wallet-sandbox'

test(${literal(`${entry.operation ?? entry.request.path} answers ${entry.response?.status ?? `with the fault ${entry.fault}`}`)}, async () => {
  await using sandbox = await createSandbox(${literal(options, 2)})
${lines.join('\n')}
})
`
}

const leavesAnAnswer = ({ response }: Entry) => response !== null && response.status !== null

function initOf(call: Entry, keys: Keys): object {
  const { method, body } = call.request
  return {
    method,
    headers: {
      ...(authorizes(call) ? { authorization: credentialFor(keys.schemes[call.vendor!]!, keyFor(call, keys)) } : {}),
      ...Object.fromEntries(headersOf(call.request)),
    },
    ...(body === '' ? {} : { body }),
  }
}

function expectations(call: Entry, made: string): string[] {
  if (!leavesAnAnswer(call)) return [`  await expect(${made}).rejects.toThrow()`]
  const { status, body } = call.response!
  const lines = [`  const response = await ${made}`, `  expect(response.status).toBe(${status})`]
  if (call.fault !== null) return lines
  try {
    return [...lines, `  expect(await response.json()).toEqual(${literal(JSON.parse(body), 2)})`]
  } catch {
    return [...lines, `  expect(await response.text()).toBe(${literal(body)})`]
  }
}

/** A scenario as it can be put, without what a report adds. */
export function withoutCounts({ rules, ...rest }: Scenario): object {
  return { ...rest, rules: rules.map(({ matched, fired, next, ...rule }) => rule) }
}
