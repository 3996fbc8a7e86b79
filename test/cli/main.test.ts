import { afterEach, describe, expect, test, vi } from 'vitest'
import { main } from '../../src/cli/main.js'
import {
  flagOf,
  readEnvironment,
  readSettings,
  resolveOptions,
  SETTINGS,
  type SettingName,
  variableOf,
} from '../../src/config.js'
import { VERSION } from '../../src/lib/version.js'

afterEach(() => vi.unstubAllEnvs())

/** Runs a command line to its end. */
async function run(...argv: string[]) {
  const out: string[] = []
  const err: string[] = []
  const status = await main(argv, {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    isTerminal: false,
  })
  return { status, out, err }
}

const NAMES = Object.keys(SETTINGS) as SettingName[]
const DEFAULTS = readSettings(SETTINGS, {}, {})
const refused = (...lines: string[]) => ({ status: 2, out: [], err: lines.map((line) => `wallet-sandbox: ${line}`) })

describe('--help and --version', () => {
  test('help names every command, flag and variable', async () => {
    const { status, out } = await run('--help')
    expect(status).toBe(0)
    for (const command of ['start', 'validate', 'generate', 'healthcheck']) expect(out[0]).toContain(`\n  ${command}`)
    for (const name of NAMES) {
      expect(out[0]).toContain(`  ${flagOf(name)} `)
      expect(out[0]).toContain(` ${variableOf(name)}\n`)
    }
    expect(await run('-h')).toEqual({ status: 0, out, err: [] })
  })

  test('help of a command names the flags that it takes', async () => {
    const flagsIn = async (command: string) => {
      const { out } = await run(command, '--help')
      return [...out[0]!.matchAll(/^ {2}(--\S+)/gm)].map(([, flag]) => flag)
    }
    const ends = ['--help', '--version']
    const server = ['--port', '--host', '--url-file', '--tls-cert', '--tls-key']
    expect(await flagsIn('validate')).toEqual(ends)
    expect(await flagsIn('start')).toEqual([...NAMES.map(flagOf), ...ends])
    expect(await flagsIn('healthcheck')).toEqual([...server, ...ends])
    expect(await flagsIn('generate')).toEqual(['--seed', '--customers', '--merchant', '--key', '--guests', ...ends])
    expect(await flagsIn('verdict')).toEqual([
      ...[...server, '--verdict', '--control-token', '--json', '--junit', '--url', '--token', '--merchant'],
      ...ends,
    ])
  })

  test.each([
    ['start', 'port', '8080'],
    ['explore', 'port', '0'],
    ['start', 'scenario', 'published-latency'],
    ['explore', 'scenario', 'instant'],
    ['start', 'latency', 'real'],
    ['explore', 'latency', 'real'],
    ['open', 'latency', 'off'],
  ])('help of %s says what --%s is without a value', async (command, flag, without) => {
    const { out } = await run(command, '--help')
    expect(out[0]).toMatch(new RegExp(`^ {2}--${flag} .*\\(${without}\\)$`, 'm'))
  })

  test('version', async () => {
    expect(VERSION).toMatch(/^\d+\.\d+\.\d+/)
    expect(await run('--version')).toEqual({ status: 0, out: [VERSION], err: [] })
    expect(await run('-v')).toEqual({ status: 0, out: [VERSION], err: [] })
  })
})

/** Values that are not allowed, and some that are. */
const VALUES: Partial<Record<SettingName, { bad: readonly string[]; good: readonly string[] }>> = {
  port: { bad: ['http', '65536', '-1', '80.5', '0x50', ' 80'], good: ['0', '8080', '65535'] },
  host: { bad: [''], good: ['127.0.0.1', '0.0.0.0', '::1', 'localhost'] },
  fixtures: { bad: [''], good: ['fixtures', './a.json'] },
  scenario: { bad: [''], good: ['instant', './a.json'] },
  seed: { bad: ['one', '1.5', '1e3', '9007199254740993'], good: ['0', '-5', '9007199254740991'] },
  clock: {
    bad: ['now', '2023-13-01', '2023-09-11 08:30', '2023-09-11T08:30:00', '1694421000000', '1999-12-31', '9999-01-01'],
    good: ['real', '2023-09-11T08:30:00Z', '2023-09-11T08:30:00.250Z', '2023-09-11', '9998-12-31T14:00:00+05:30'],
  },
  latency: { bad: ['fast', '-1', '.5', '1e3', 'Infinity', 'NaN'], good: ['real', 'off', 'virtual', '0', '0.1', '10'] },
  strict: { bad: ['yes', 'TRUE', '2'], good: ['true', 'false', '1', '0', 'on', 'off'] },
  controlToken: { bad: ['', 'clé', ' blank'], good: ['secret', 'two words'] },
  errorBodies: { bad: ['full', 'Published'], good: ['published', 'detailed'] },
  tokenTtl: { bad: ['366d', 'soon', '-1', '15 m', '1w', '15', '900000'], good: ['0', '250ms', '1.5s', '15m', '2h'] },
  paymentMethodDelay: { bad: ['soon', '-1', '15', '366d'], good: ['0', '250ms', '365d'] },
  testOtp: { bad: ['yes', '2'], good: ['on', 'off', 'true', 'false'] },
  maxMerchants: { bad: ['0', '-1', 'many', '1000001'], good: ['1', '1000000'] },
  journalSize: { bad: ['-1', 'none', '10000001'], good: ['0', '10000000'] },
  log: { bad: ['verbose', 'JSON'], good: ['pretty', 'json', 'silent'] },
}

describe.each(Object.entries(VALUES) as [SettingName, { bad: string[]; good: string[] }][])('%s', (name, values) => {
  const flag = flagOf(name)
  const { allowed } = SETTINGS[name]
  const isSwitch = !('value' in SETTINGS[name])

  test.each(values.bad)('%j is refused with what is allowed', async (value) => {
    if (!isSwitch) expect(await run(`${flag}=${value}`)).toEqual(refused(`${flag} is "${value}"; allowed: ${allowed}`))
    if (value === '') return
    vi.stubEnv(variableOf(name), value)
    expect(await run()).toEqual(refused(`${variableOf(name)} is "${value}"; allowed: ${allowed}`))
  })

  test.each(values.good)('%j is taken', (value) => {
    const parsed = { ...DEFAULTS, [name]: SETTINGS[name].parse(value) }
    expect(readSettings(SETTINGS, { [name]: value }, {})).toEqual(parsed)
    expect(readSettings(SETTINGS, {}, readEnvironment({ [variableOf(name)]: value }))).toEqual(parsed)
  })
})

describe('every setting', () => {
  test.each(NAMES)('%s: an empty variable is none', (name) => {
    expect(readEnvironment({ [variableOf(name)]: '' })).toEqual({})
  })

  test.each(NAMES.filter((name) => 'value' in SETTINGS[name]))('%s needs a value', async (name) => {
    const flag = flagOf(name)
    const sentence = refused(`${flag} needs a value; allowed: ${SETTINGS[name].allowed}`)
    expect(await run(flag)).toEqual(sentence)
    expect(await run(flag, '--version')).toEqual(sentence)
  })

  test.each(NAMES.filter((name) => !('value' in SETTINGS[name])))('%s takes no value', async (name) => {
    const flag = flagOf(name)
    expect(await run(`${flag}=true`)).toEqual(refused(`${flag} takes no value; allowed: ${flag} alone`))
  })

  test('a flag beats a variable, and a bad variable does no harm then', () => {
    const environment = readEnvironment({ WALLET_SANDBOX_SEED: '2', WALLET_SANDBOX_PORT: 'http', OTHER: 'x' })
    expect(readSettings(SETTINGS, { seed: '3', port: '0' }, environment)).toEqual({ ...DEFAULTS, seed: 3, port: 0 })
  })

  test.each([
    ['WALLET_SANDBOX_PROT', '"WALLET_SANDBOX_PORT"'],
    ['WALLET_SANDBOX_TOKENTTL', '"WALLET_SANDBOX_TOKEN_TTL"'],
    ['WALLET_SANDBOX_PORTS', '"WALLET_SANDBOX_PORT"'],
    ['WALLET_SANDBOX_SEEEED', '"WALLET_SANDBOX_SEED"'],
  ])('%s is refused', async (variable, meant) => {
    vi.stubEnv(variable, '1')
    for (const command of ['start', 'generate', 'healthcheck']) {
      const { status, out, err } = await run(command)
      expect({ status, out, lines: err.length }).toEqual({ status: 2, out: [], lines: 1 })
      expect(err[0]).toMatch(new RegExp(`^wallet-sandbox: unknown variable ${variable}\\. Did you mean ${meant}\\?$`))
    }
  })

  test('what others put into the environment is ignored, in one sentence; what clients read, without one', () => {
    const injected = {
      WALLET_SANDBOX_SERVICE_HOST: '10.96.12.7',
      WALLET_SANDBOX_SERVICE_PORT: '8080',
      WALLET_SANDBOX_SERVICE_PORT_HTTP: '8080',
      WALLET_SANDBOX_PORT: 'tcp://10.96.12.7:8080',
      WALLET_SANDBOX_PORT_8080_TCP: 'tcp://10.96.12.7:8080',
      WALLET_SANDBOX_PORT_8080_TCP_PROTO: 'tcp',
      WALLET_SANDBOX_PORT_8080_TCP_PORT: '8080',
      WALLET_SANDBOX_PORT_8080_TCP_ADDR: '10.96.12.7',
      WALLET_SANDBOX_NAME: '/app/wallet-sandbox',
      WALLET_SANDBOX_ENV_WALLET_SANDBOX_HOST: '0.0.0.0',
      WALLET_SANDBOX_PORTS: undefined,
    }
    const clients = { WALLET_SANDBOX_KEY: 'k', WALLET_SANDBOX_CAPSULES: '/c', WALLET_SANDBOX_BIN: '/b' }
    const said: string[] = []
    const read = (environment: object) => readEnvironment({ ...environment }, (sentence) => said.push(sentence))
    expect(read({ ...clients, WALLET_SANDBOX_HOST: '::1' })).toEqual({ host: '::1' })
    expect(said).toEqual([])
    expect(read({ ...injected, ...clients })).toEqual({})
    const names = Object.keys(injected).slice(0, -1).join(', ')
    expect(said).toEqual([`warning: ignored, because they are not settings of the sandbox: ${names}`])
  })

  test('a duration needs its unit, as a flag and as a variable', async () => {
    const sentence = (as: string) =>
      refused(
        `${as} is "15"; allowed: a number with its unit such as "250ms", "30s", "15m", "2h", or "0", at most "365d"`,
      )
    expect(await run('--token-ttl', '15')).toEqual(sentence('--token-ttl'))
    vi.stubEnv('WALLET_SANDBOX_TOKEN_TTL', '15')
    expect(await run('start')).toEqual(sentence('WALLET_SANDBOX_TOKEN_TTL'))
  })

  test('an option in code has the default of its flag, and a number of it is milliseconds', () => {
    const { port: _, host: __, ...rest } = DEFAULTS
    expect(resolveOptions({})).toEqual({ ...rest, log: 'silent' })
    expect(rest).toMatchObject({ tokenTtl: 900_000, latency: { drawn: true, factor: 1 }, clock: null, testOtp: true })
    expect(resolveOptions({ tokenTtl: 15 }).tokenTtl).toBe(15)
    expect(() => resolveOptions({ tokenTtl: '15' })).toThrow(
      'options.tokenTtl: is "15"; allowed: milliseconds, or text',
    )
    expect(() => resolveOptions({ sed: 5 } as object)).toThrow('options.sed: is unknown. Did you mean "seed"?')
  })

  test('each fault has a line', async () => {
    vi.stubEnv('WALLET_SANDBOX_SEED', 'x')
    const { status, err } = await run('--port', 'x')
    expect(status).toBe(2)
    expect(err.map((line) => line.split(' is ')[0])).toEqual([
      'wallet-sandbox: --port',
      'wallet-sandbox: WALLET_SANDBOX_SEED',
    ])
  })
})

test.each([
  [['--prot', '1'], /^wallet-sandbox: unknown flag --prot. Did you mean "--port"\?$/],
  [['replay', '--portt'], /^wallet-sandbox: unknown flag --portt\. Flags of replay: --until, --help, --version$/],
  [['--no-strict'], /^wallet-sandbox: unknown flag --no-strict\./],
  [['-p', '1'], /^wallet-sandbox: unknown flag -p\./],
  [['strat'], /^wallet-sandbox: unknown command "strat". Did you mean "start"\?$/],
  [['toString'], /^wallet-sandbox: unknown command "toString"\./],
  [['start', 'extra'], /^wallet-sandbox: start takes no operand, but "extra" is given; allowed: flags alone$/],
  [['healthcheck', 'extra'], /^wallet-sandbox: healthcheck takes no operand/],
  [['generate', 'extra'], /^wallet-sandbox: generate takes no operand/],
  [['validate', ''], /^wallet-sandbox: validate is given an empty operand; allowed: validate FILE…$/],
  [['explore', '--', ''], /^wallet-sandbox: explore is given an empty operand; allowed: explore \[flags] -- COMMAND…$/],
  [['explore', '--timeout', '0', '--', 'true'], /^wallet-sandbox: --timeout is "0"; .* "15m", "2h", up to "1h"$/],
  [['healthcheck', '--url-file', '/'], /^wallet-sandbox: \/: cannot be read: it is a folder; allowed: a URL file$/],
  [['init', '/proc/new'], /^wallet-sandbox: init: \/proc\/new\/.*: there is no such file or folder; allowed: a folder/],
  [
    ['record', '--upstream', 'http://127.0.0.1:1', '--out', '/dev/null/x', '--port', '0'],
    /^wallet-sandbox: \/dev\/null\/x: cannot be written: it is not a folder; /,
  ],
  [['validate'], /^wallet-sandbox: validate needs a file; allowed: validate FILE…$/],
  [['--customers', '5'], /^wallet-sandbox: --customers is not a flag of start; allowed: generate --customers$/],
  [['explore', '--watch', '--', 'true'], /^wallet-sandbox: --watch is not a flag of explore; allowed: start --watch$/],
  [['explore', '--data', 'x', '--', 'true'], /^wallet-sandbox: --data is not a flag of explore/],
  [['scenarios', '--port', '1'], /^wallet-sandbox: --port is not a flag of scenarios; allowed: start --port$/],
  [['validate', '--seed', '1', 'x'], /^wallet-sandbox: --seed is not a flag of validate; allowed: start --seed$/],
  [['generate', '--scenario', 'x'], /^wallet-sandbox: --scenario is not a flag of generate/],
  [['healthcheck', '--fixtures', 'x'], /^wallet-sandbox: --fixtures is not a flag of healthcheck/],
  [['replay', '--clock', 'real', 'x'], /^wallet-sandbox: --clock is not a flag of replay/],
  [['open', '--fixtures', 'x', 'y'], /^wallet-sandbox: --fixtures is not a flag of open/],
  [['record', '--strict'], /^wallet-sandbox: --strict is not a flag of record/],
  [['generate', '--customers', '0'], /^wallet-sandbox: --customers is "0"; allowed: a whole number from 1 to 100000$/],
  [['generate', '--customers'], /^wallet-sandbox: --customers needs a value; allowed: a whole number/],
  [['generate', '--seed', 'x'], /^wallet-sandbox: --seed is "x"; allowed: a whole number$/],
  [
    ['--port', '0', '--fixtures', '/nowhere.json'],
    /^wallet-sandbox: \/nowhere\.json: cannot be read: there is no such/,
  ],
  [['--port', '0', '--scenario', 'instent'], /^wallet-sandbox: scenario "instent" is none .* Did you mean "instant"\?/],
])('%j is refused in one line', async (argv, sentence) => {
  const { status, out, err } = await run(...argv)
  expect({ status, out, lines: err.length }).toEqual({ status: 2, out: [], lines: 1 })
  expect(err[0]).toMatch(sentence)
})

test('generate prints what its library call makes', async () => {
  const { generate } = await import('../../src/fixture-files/generate.js')
  const { status, out } = await run('generate', '--customers', '3', '--seed', '5')
  expect(status).toBe(0)
  expect(out).toEqual([JSON.stringify(generate(3, 5), null, 2)])
  vi.stubEnv('WALLET_SANDBOX_SEED', '5')
  expect((await run('generate', '--customers=3')).out).toEqual(out)
})
