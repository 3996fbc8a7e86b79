import { isIPv4 } from 'node:net'
import { evidenceOf } from '../api/coverage.js'
import type { JsonSchema } from '../api/json-schema.js'
import { readBytes } from '../api/read-body.js'
import type { Check, Known, Suite } from '../api/suite.js'
import { endpointsOf, type Vendor } from '../api/vendor.js'
import type { VendorName } from '../fixture-files/key-lists.js'
import type { Grade } from '../journal/entry.js'
import { credentialFor } from '../lib/credential.js'
import { InputError } from '../lib/errors.js'
import { inPackage, readJson } from '../lib/files.js'
import { givenOptions, type Kinds } from '../lib/given.js'
import { isLoopback, isPrivateName } from '../lib/hosts.js'
import { jsonOf, objects, textOf } from '../lib/json.js'
import { load } from '../lib/load.js'
import { shownPath } from '../lib/path.js'
import { isServerUrl, quote, SERVER_URL_FORM } from '../lib/text.js'
import { VERSION } from '../lib/version.js'
import { createSandbox, type Sandbox } from '../sandbox.js'
import { VENDORS } from '../vendors/index.js'
import { type Divergence, divergencesOf, schemaOf } from './compare.js'

/** Which server to hold against what is known of the vendor, and with which key. */
export interface VerifyOptions {
  /** Such as `https://sandbox.juspay.in`. */
  baseUrl: string
  key: string
  /** A customer of the account: id, or the reference that the merchant gave. */
  customer?: string
  /** A wallet of the account. */
  wallet?: string
  /** Default `juspay`. */
  vendor?: VendorName
  /** Whether customers, orders and wallets may be made. Default false: nothing is changed. */
  writes?: boolean
  /** The host of `baseUrl`, where it is not known to be a sandbox: writes go nowhere else by mistake. */
  writesTo?: string
  /** How long an answer may take, in ms. Default 10000. */
  timeout?: number
}

/** What came of one check. */
export interface CheckResult {
  readonly operation: string
  readonly ending: string
  /** Method and path, the names in it left out. */
  readonly request: string
  readonly expected: string
  readonly grade: Grade
  readonly source: string
  readonly result: 'passed' | 'diverged' | 'skipped'
  /** Why it was skipped. */
  readonly reason?: string
  readonly divergences: readonly Divergence[]
}

/** What came of all checks. It holds no key, and no value of the account. */
export interface VerifyReport {
  readonly report: 'wallet-sandbox verify'
  readonly version: string
  /** When: ISO 8601, UTC. */
  readonly at: string
  readonly vendor: VendorName
  /** Scheme and host. */
  readonly server: string
  /** Which customer was read, by its place in a list of the account; absent where the user named it, or there is none. */
  readonly customer?: string
  readonly passed: number
  readonly diverged: number
  readonly skipped: number
  readonly checks: readonly CheckResult[]
}

const WRONG_KEY = 'no_such_key'
const MAX_ANSWER_BYTES = 4 * 1_048_576
const DEFAULT_TIMEOUT_MS = 10_000

const KINDS: Kinds<VerifyOptions> = {
  baseUrl: 'any',
  key: 'any',
  customer: 'text',
  wallet: 'text',
  vendor: 'any',
  writes: 'flag',
  writesTo: 'any',
  timeout: 'milliseconds',
}

/** See the public `verify`, which loads this late. */
export async function verify(given: VerifyOptions): Promise<VerifyReport> {
  const options = givenOptions(given, 'verify', KINDS)
  const target = await targetOf(options)
  // Errors are compared with the sandbox's own, from the same request.
  await using reference = await createSandbox({ latency: 'off', scenario: 'instant', log: 'silent' })
  const { customer, wallet } = options
  const known: Known = { customer, wallet, listed: [], unique: Date.now().toString(36) }
  const checks: CheckResult[] = []
  for (const check of target.suite.checks) {
    checks.push(await runCheck(check, target, reference, known))
    if (known.customer === undefined && known.listed.length > 0) await chooseCustomer(target, known)
  }
  const count = (result: CheckResult['result']) => checks.filter((one) => one.result === result).length
  return {
    report: 'wallet-sandbox verify',
    version: VERSION,
    at: new Date().toISOString(),
    vendor: target.vendor.name,
    server: new URL(target.base).origin,
    ...(known.found !== undefined && { customer: known.found }),
    passed: count('passed'),
    diverged: count('diverged'),
    skipped: count('skipped'),
    checks,
  }
}

type Target = Awaited<ReturnType<typeof targetOf>>

/** The first customer listed who has a wallet, else the first one. */
async function chooseCustomer(target: Target, known: Known): Promise<void> {
  const { vendor, suite } = target
  const lists = suite.checks.find(({ learns, writes }) => learns?.wallet !== undefined && !writes)
  const has = async (customer: string) => {
    const asked: Known = { ...known, customer, wallet: undefined }
    const request = lists && requestOf(vendor, suite, lists, asked)
    if (request) learnFrom(lists, (await ask(target, request)).body, asked)
    return asked.wallet !== undefined
  }
  let place = 0
  while (place < known.listed.length && !(await has(known.listed[place]!))) place++
  if (place === known.listed.length) place = 0
  known.customer = known.listed[place]
  known.found = `customer ${place + 1} of those listed`
}

async function targetOf(options: VerifyOptions) {
  const { baseUrl, key, vendor: name = 'juspay', timeout = DEFAULT_TIMEOUT_MS, writes = false, writesTo } = options
  if (!isServerUrl(baseUrl)) throw new InputError(`baseUrl: is ${quote(baseUrl)}; allowed: ${SERVER_URL_FORM}`)
  if (typeof key !== 'string' || !/^[\x21-\x7e]+$/.test(key))
    throw new InputError('key: is missing or cannot be sent; allowed: an API key, in printable ASCII')
  const verified = VENDORS.filter(({ suite }) => suite)
  const vendor = verified.find((each) => each.name === name)
  if (vendor === undefined)
    throw new InputError(`vendor: is ${quote(name)}; allowed: ${verified.map((each) => each.name).join(', ')}`)
  const base = new URL(baseUrl)
  if (writes && !isSandbox(base.hostname) && writesTo !== base.hostname)
    throw new InputError(
      `writes: ${base.hostname} is not known to be a sandbox, and customers, orders and wallets would be made there; allowed: with --writes-to ${base.hostname} (writesTo)`,
    )
  const document = readJson(inPackage('dist/openapi.json')) as Document
  return { base: base.href, key, vendor, suite: await load(vendor.suite!), timeout, writes, document }
}

const PRIVATE_V4 = /^(10|192\.168|172\.(1[6-9]|2\d|3[01]))\./

/** Whether what is made on a host cannot cost money: a sandbox of a vendor, this machine, or a private network. */
function isSandbox(host: string): boolean {
  const isPrivate = isIPv4(host) ? PRIVATE_V4.test(host) : /^\[f[cd]/.test(host) || isPrivateName(host)
  const isHosted = VENDORS.some(({ servers }) => servers && new URL(servers.sandbox).hostname === host)
  return isPrivate || isLoopback(host) || isHosted
}

async function runCheck(check: Check, target: Target, reference: Sandbox, known: Known): Promise<CheckResult> {
  const { vendor, suite, writes } = target
  const { method, path } = endpointOf(vendor, check)
  const expected = await expectedOf(check, target, reference)
  const facts = {
    operation: check.operation,
    ending: check.ending,
    request: `${method} ${shownPath(path)}`,
    expected: `${expected.status}`,
    ...evidenceOf(vendor, operationOf(vendor, check), check.ending),
  }
  const isLeftOut = check.writes && !writes
  const request = isLeftOut ? undefined : requestOf(vendor, suite, check, known)
  if (request === undefined) {
    const reason = isLeftOut ? 'writes, and --writes is not given' : `needs ${check.needs}`
    return { ...facts, result: 'skipped', reason, divergences: [] }
  }
  const answer = await ask(target, request)
  if (vendor.merchantHeader) known.merchant ??= answer.headers.get(vendor.merchantHeader) ?? undefined
  const divergences = [...compareAnswer(check, target, expected, answer)]
  if (answer.status < 300) learnFrom(check, answer.body, known)
  return { ...facts, result: divergences.length === 0 ? 'passed' : 'diverged', divergences }
}

const operationOf = ({ operations }: Vendor, check: Check) => operations.find(({ id }) => id === check.operation)!

const endpointOf = (vendor: Vendor, check: Check) => endpointsOf(vendor, operationOf(vendor, check))[0]!

/** The request of a check; undefined where the account lacks what it names. */
function requestOf(vendor: Vendor, { unknown }: Suite, check: Check, known: Known) {
  const { method, path } = endpointOf(vendor, check)
  const there = check.writes || check.ending === 'success' ? known : unknown
  const names = new Map<string, unknown>(Object.entries(check.names?.(known) ?? there))
  const parts = path.match(/(?<=:)\w+/g) ?? []
  if (parts.some((part) => names.get(part) === undefined)) return undefined
  return {
    method,
    path: path.replace(/:(\w+)/g, (_, part) => encodeURIComponent(String(names.get(part)))) + (check.query ?? ''),
    fields: check.fields?.(known),
    withWrongKey: check.ending === 'invalid_authentication',
  }
}

const valueAt = (body: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((part, key) => (part as Record<string, unknown> | null | undefined)?.[key], body)

/** Keeps what a success names. What was made goes before what was known, and that before what was found. */
function learnFrom({ learns = {}, writes }: Check, body: unknown, known: Known): void {
  const { listed, ...named } = learns
  if (listed !== undefined) known.listed = objects(valueAt(body, listed)).flatMap(({ id }) => textOf(id) ?? [])
  for (const [kind, path] of Object.entries(named) as [keyof typeof named, string][]) {
    const value = textOf(valueAt(body, path))
    if (value === undefined || (known[kind] !== undefined && !writes)) continue
    known[kind] = value
    if (kind === 'customer' && !writes) known.found = 'the customer of the first wallet listed'
  }
}

/** A success by its shape; an error by the words of the sandbox. */
async function expectedOf(check: Check, target: Target, reference: Sandbox) {
  const { vendor, suite, document } = target
  if (check.ending === 'success') {
    const places = Object.values(document.paths).flatMap((path) => Object.values(path))
    const { responses } = places.find((place) => place['x-operations']?.includes(check.operation))!
    // Statuses come first to last.
    return { status: Number(Object.keys(responses)[0]), body: document.components.schemas[check.operation]! }
  }
  const { key, customer } = suite.shipped
  const request = requestOf(vendor, suite, check, { customer, listed: [], unique: 'reference' })!
  const own = { ...target, base: 'http://reference', key, timeout: DEFAULT_TIMEOUT_MS }
  // What exists already has to be there for the refusal of a second one.
  if (check.ending === 'conflict') await ask(own, request, reference.fetch)
  const { status, body } = await ask(own, request, reference.fetch)
  return { status, body: schemaOf(body) }
}

/** The part that is looked at here of the OpenAPI document that the build writes. */
interface Document {
  readonly paths: Record<string, Record<string, { 'x-operations'?: readonly string[]; responses: object }>>
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> }
}

function* compareAnswer(
  check: Check,
  { vendor, suite }: Target,
  expected: Awaited<ReturnType<typeof expectedOf>>,
  { status, headers, body }: Awaited<ReturnType<typeof ask>>,
): Generator<Divergence> {
  if (status !== expected.status)
    return yield { aspect: 'status', at: 'status', expected: String(expected.status), came: String(status) }
  const type = headers.get('content-type') ?? 'none'
  const isJson = /^application\/json\s*(;|$)/i.test(type)
  const named = check.ending === 'invalid_authentication' ? undefined : vendor.merchantHeader
  const wanted = [...suite.headers, ...(check.headers ?? []), ...(named ? [named] : [])]
  if (!isJson) yield { aspect: 'headers', at: 'content-type', expected: 'application/json', came: 'another type' }
  for (const at of wanted)
    if (!headers.has(at)) yield { aspect: 'headers', at, expected: 'the header', came: 'no such header' }
  if (body === undefined) yield { aspect: 'answer', at: 'body', expected: 'JSON', came: 'no JSON' }
  else yield* divergencesOf(expected.body, body, 'body')
}

/** @returns a body that is not JSON as undefined @throws InputError when no answer comes, or more than anybody would read */
async function ask(
  { base, key, vendor, suite, timeout }: Target,
  { method, path, fields, withWrongKey }: NonNullable<ReturnType<typeof requestOf>>,
  via: Sandbox['fetch'] = fetch,
) {
  const signal = AbortSignal.timeout(timeout)
  const where = `${method} ${new URL(base).origin}`
  try {
    const { status, headers, body } = await via(base.replace(/\/$/, '') + path, {
      method,
      headers: { ...suite.requestHeaders, authorization: credentialFor(vendor.scheme, withWrongKey ? WRONG_KEY : key) },
      redirect: 'manual',
      signal,
      ...(fields && { body: suite.printFields(fields) }),
    })
    const bytes = await readBytes({ headers, body, signal }, MAX_ANSWER_BYTES)
    if (bytes === undefined) throw new InputError(`${where} answered with more than ${MAX_ANSWER_BYTES} bytes`)
    return { status, headers, body: jsonOf(new TextDecoder().decode(bytes)) }
  } catch (error) {
    if (error instanceof InputError) throw error
    if (signal.aborted) throw new InputError(`${where} did not answer within ${timeout} ms`)
    const { cause, message } = error as { cause?: { code?: string; message?: string }; message: string }
    throw new InputError(`${where} cannot be asked: ${cause?.code ?? cause?.message ?? message}`)
  }
}
