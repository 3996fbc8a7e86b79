import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { capsuleSchema } from '../../src/capsule/schema.js'
import { createSandbox, type Options, type Sandbox } from '../../src/index.js'
import { faultsOf } from '../../src/lib/check.js'
import { VERSION } from '../../src/lib/version.js'
import { replay } from '../../src/replay/replay.js'
import { ask, basic, control, sandboxFor, WALLET, WALLET_ID } from '../control/helpers.js'
import { cpuMs, expectBelow } from '../cpu.js'
import { every } from '../every.js'
import { command, commandHere } from '../spawn.js'
import { order, pay } from '../webhooks/pay.js'
import { receiver, shop } from '../webhooks/support.js'
import { type Any, capsuleFiles, capsuleOf, KEYS, small } from './files.js'
import { Session, STORMY } from './session.js'

const { folder, write } = capsuleFiles()

const replayed = (capsule: unknown) => replay(write(capsule))
const same = (requests: number) => ({ requests, notes: [], difference: undefined })

/** Two thirds of what it is sent is taken. */
function fickle() {
  let n = 0
  return receiver((_, response) => {
    response.statusCode = ++n % 3 === 0 ? 503 : 200
    response.end()
  })
}

describe('random sessions of both vendors, with faults, clocks, scenarios, resets, states and webhooks', () => {
  const SESSIONS = Array.from({ length: process.env.SOAK ? 100 : 10 }, (_, n) => n)
  const PLACES = [
    { TZ: 'Asia/Kolkata', LC_ALL: 'hi_IN.UTF-8', LANG: 'hi_IN.UTF-8' },
    { TZ: 'America/St_Johns', LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' },
  ]

  async function record(n: number) {
    const hooks = await fickle()
    const clock = n % 2 === 0 ? '2023-09-11T08:30:00Z' : 'real'
    const options: Options = { scenario: STORMY, latency: 'virtual', seed: n, clock, strict: n % 4 === 3 }
    const data = n % 5 === 4 ? { data: join(folder, `data-${n}`) } : {}
    await using sandbox = await createSandbox({ ...options, ...data })
    if (n % 3 === 0) await sandbox.listen()
    const made = `sandbox_capsule_${n}`
    const [merchant, keys] = n % 5 === 1 ? [made, { juspay: [made], juicyway: [made] }] : ['acme', KEYS]
    await new Session(sandbox, merchant, keys, n).run(hooks.url, process.env.SOAK ? 60 : 15)
    return capsuleOf(sandbox, merchant)
  }

  test('replay identically in another process, in another time zone and locale', async () => {
    const capsules = await Promise.all(SESSIONS.map(record))
    const seen = capsules.flatMap(({ steps }) => steps)
    const faults = new Set(seen.flatMap((step: Any) => step.answer?.fault ?? []))
    const actions = new Set(seen.flatMap((step: Any) => step.control ?? []))
    expect(faults.size).toBeGreaterThan(5)
    expect(actions.size).toBeGreaterThan(6)
    expect(capsules.flatMap(({ webhooks }) => webhooks).length).toBeGreaterThan(8)
    const text = JSON.stringify(capsules)
    for (const key of [...KEYS.juspay, ...KEYS.juicyway, 'marker-password'])
      for (const form of [key, btoa(key), btoa(`${key}:`)]) expect(text).not.toContain(form)
    await every(PLACES, async (place) => {
      const files = capsules.filter((_, n) => PLACES[n % PLACES.length] === place).map(write)
      const { status, out, err } = await command(['replay', ...files], place)
      // All that was printed, so that a difference is seen.
      expect(out.replaceAll(/^.*: \d+ requests?, every answer as recorded\n/gm, '')).toBe('')
      expect([status, err, out.split('\n').length - 1]).toEqual([0, '', files.length])
    })
  })
})

describe('an attempt that was under way', () => {
  /** A receiver that answers when it is let, with what it is let. */
  async function held() {
    const waiting: ((status: number) => void)[] = []
    const { url } = await receiver((_, response) => {
      waiting.push((status) => response.writeHead(status).end())
    })
    const begun = () => expect.poll(() => waiting.length).toBeGreaterThan(0)
    const answer = async (status: number) => {
      await begun()
      waiting.shift()!(status)
    }
    return { url, begun, answer }
  }

  type Deed = (sandbox: Sandbox, hooks: Awaited<ReturnType<typeof held>>) => Promise<unknown>
  test.each<[string, Deed]>([
    [
      'at a reset, and sent again',
      async (sandbox, { answer }) => {
        await sandbox.control.reset({ only: ['state'] })
        await answer(200)
        const { event } = await sandbox.control.webhooks.next()
        await sandbox.control.webhooks.redeliver(event)
        await answer(200)
      },
    ],
    [
      'as the clock was set back, and failed',
      async (sandbox, { answer }) => {
        await sandbox.control.clock.put({ now: '2021-01-01T00:00:00Z' })
        await answer(503)
        await sandbox.control.webhooks.next()
        const advanced = sandbox.control.clock.advance('2m')
        // The others were due before.
        await answer(200)
        await advanced
      },
    ],
    ['as the capsule was made', async () => {}],
    [
      'as the state was put back',
      async (sandbox, { answer }) => {
        const { state } = sandbox.control.merchant('acme')
        await state.put(await state.get())
        for (let i = 0; i < 2; i++) await answer(503)
      },
    ],
  ])('%s', async (_, act) => {
    const hooks = await held()
    const client = await shop(hooks.url)
    await order(client)
    await pay(client)
    await hooks.begun()
    await act(client.sandbox, hooks)
    expect(await replayed(await capsuleOf(client.sandbox))).toMatchObject({ notes: [], difference: undefined })
  })
})

describe('what was changed is found', () => {
  test.each<[string, (capsule: Any) => void, RegExp]>([
    [
      'a body',
      ({ steps }) => (steps[2].answer.body = steps[2].answer.body.replace(':12', ':13')),
      /^request 2 of 3: GET .*refresh, 2023.*\n {2}body differs at character \d+:\n {2}- recorded: .*:13.*\n {2}\+ replayed: .*:12/,
    ],
    ['a status', ({ steps }) => (steps[3].answer.status = 404), /^request 3 .*\n {2}status differs:\n.*404\n.*400$/],
    ['a header', ({ steps }) => (steps[0].answer.headers.date = 'now'), /^request 1 .*\n {2}header date differs/],
    ['a header that is gone', ({ steps }) => delete steps[0].answer.headers.date, /recorded: none\n/],
    ['a rule', ({ steps }) => (steps[0].answer.rule = 'r'), /rule differs:\n {2}- recorded: r\n {2}\+ replayed: none/],
    ['a fault', ({ steps }) => (steps[0].answer.fault = 'reset'), /fault differs/],
    ['a delay', ({ steps }) => (steps[0].answer.latencyMs = 3), /latencyMs differs/],
    ['a request', ({ steps }) => (steps[0].request.url += 'x'), /^request 1 /],
    ['an action', ({ steps }) => (steps[1].input.balance = 99), /^request 2 .*\n {2}body differs.*\n.*:12.*\n.*:99/],
    ['the seed', (capsule) => (capsule.options.seed = 5), /x-sandbox-seed|x-request-id|header /],
    [
      'a URL that cannot be asked',
      ({ steps }) => (steps[0].request.url = 'nowhere'),
      /answer differs.*\n {2}- recorded: 200\n.*Failed to parse URL/,
    ],
  ])('%s', async (_, change, expected) => {
    const capsule = await small()
    change(capsule)
    expect((await replayed(capsule)).difference?.join('\n')).toMatch(expected)
  })

  test('the command prints it and exits 1', async () => {
    const capsule = await small()
    capsule.steps[0].answer.status = 500
    const { status, out, err } = await commandHere(['replay', write(capsule)])
    expect([status, err, out.split('\n').slice(1)]).toEqual([
      1,
      '',
      ['  status differs:', '  - recorded: 500', '  + replayed: 200', ''],
    ])
  })
})

test('a capsule of the format before: a scenario without latency did not wait', async () => {
  await using sandbox = await sandboxFor({ latency: 'virtual', scenario: { name: 'still', latency: {} } })
  await ask(sandbox, WALLET)
  await sandbox.control.merchant('acme').scenario.put({ name: 'still too', latency: {} })
  await ask(sandbox, WALLET)
  const capsule = await capsuleOf(sandbox)
  const written = JSON.stringify(capsule)
  expect(written.match(/"latency":\{\}/g)).toHaveLength(3)
  const before = JSON.parse(written.replaceAll(',"latency":{}', '')) as object
  expect(await replayed({ ...before, capsule: 1 })).toEqual(same(2))
  expect((await replayed(before)).difference).toContainEqual(expect.stringContaining('x-sandbox-latency-ms'))
})

describe('a file that cannot be replayed', () => {
  test('whatever stands in the place of a part, its sentence says what is allowed', async () => {
    const capsule = JSON.parse(JSON.stringify(await small())) as object
    const places = (value: unknown): string[][] =>
      Object.entries(value ?? {}).flatMap(([key, part]) => [
        [key],
        ...(typeof part === 'object' ? places(part).map((place) => [key, ...place]) : []),
      ])
    const faults = places(capsule).flatMap((place) =>
      [null, -1, 'x', [], {}, undefined].flatMap((value) => {
        const other = structuredClone(capsule)
        const holder = place.slice(0, -1).reduce((part, key) => part[key], other as Any)
        holder[place.at(-1)!] = value
        return faultsOf(capsuleSchema, other, 'file')
      }),
    )
    expect(faults.length).toBeGreaterThan(300)
    expect(faults.filter((fault) => !/^file:\S+: (is|are|has) .*; (allowed|required): \S/.test(fault))).toEqual([])
  })

  test.each<[string, () => Promise<unknown>, RegExp]>([
    ['no JSON', async () => 'capsule', /\.json:1:1: is not JSON/],
    [
      'a fixture file',
      async () => ({ merchants: [] }),
      /is not a capsule; allowed: what GET \/_sandbox\/merchants\/\{merchant\}\/capsule answered/,
    ],
    ['a newer format', async () => ({ ...(await small()), capsule: 3 }), /capsule: is 3; allowed: 1 or 2, the formats/],
    ['a field too few', async () => ({ ...(await small()), steps: undefined }), /json:steps: is missing/],
    [
      'bad fixtures',
      async () => ({ ...(await small()), fixtures: { merchants: [{ id: 3 }] } }),
      /merchants\[0\].*allowed/,
    ],
  ])('%s', async (_, make, expected) => {
    const { status, out, err } = await commandHere(['replay', write(await make())])
    expect([status, out, err]).toEqual([2, '', expect.stringMatching(expected)])
    expect(err.trimEnd()).not.toContain('\n')
  })

  test('no file', async () => {
    const { status, err } = await commandHere(['replay'])
    expect([status, err]).toEqual([2, 'wallet-sandbox: replay needs a file; allowed: replay CAPSULE…\n'])
  })
})

test('a capsule of another version says so, and what this one does not know is left out', async () => {
  const capsule = await small()
  const unknown = { ...capsule.steps[1], control: 'weather.put' }
  const older = {
    ...capsule,
    version: '0.0.9',
    steps: [unknown, ...capsule.steps],
    options: { ...capsule.options, newer: 1 },
  }
  expect(await replayed(older)).toEqual({
    ...same(3),
    notes: [
      `The capsule was made by version 0.0.9, and this is ${VERSION}: answers may differ for that alone.`,
      'The control action "weather.put" is not known here; it was left out.',
    ],
  })
})

test('1,000 requests are replayed in under two seconds', async () => {
  const sandbox = await sandboxFor({ scenario: 'published-latency', latency: 'virtual' })
  for (let i = 0; i < 1000; i++) await ask(sandbox, i % 3 === 0 ? `${WALLET}?command=refresh` : WALLET)
  const file = write(await capsuleOf(sandbox))
  await expectBelow(2000, () => cpuMs(async () => expect(await replay(file)).toEqual(same(1000))))
})

test('over HTTP and in-process it is the same', async () => {
  const sandbox = await sandboxFor()
  await sandbox.listen()
  await fetch(`${sandbox.url}${WALLET}`, { headers: basic('acme_test_key') })
  await sandbox.control.merchant('acme').provider(WALLET_ID, { available: false })
  const { status, body } = await control(sandbox, 'GET', '/merchants/acme/capsule')
  expect([status, body]).toEqual([200, await sandbox.control.merchant('acme').capsule()])
  expect(await replayed(body)).toEqual(same(1))
})

test('of all merchants there is none', async () => {
  const sandbox = await sandboxFor()
  await expect(sandbox.control.capsule()).rejects.toThrow(
    'capsule: is asked of all merchants; allowed: of one, at /_sandbox/merchants/{merchant}/capsule. Merchants: acme, globex.',
  )
  const { status, body } = await control(sandbox, 'GET', '/capsule')
  expect([status, body.error.message]).toEqual([404, expect.stringContaining('/merchants/{merchant}/capsule')])
})

describe('where it begins', () => {
  const asking = async (sandbox: Sandbox, times: number) => {
    for (let i = 0; i < times; i++) await ask(sandbox, `${WALLET}?command=refresh`)
  }
  const RULES = {
    name: 'r',
    rules: [{ name: 'seventh', when: { every: 7, for: 3 }, effect: { error: 'server_error' } }],
  } as const

  test('where the merchant began', async () => {
    const { beginning } = await small()
    expect([beginning.skipped, beginning.state]).toEqual([0, undefined])
  })

  test('at a later point, with counters and state, once the journal drops what is old', async () => {
    const sandbox = await sandboxFor({ journalSize: 300, scenario: structuredClone(RULES) as never })
    await asking(sandbox, 700)
    await sandbox.control.provider(WALLET_ID, { balance: 3 })
    await asking(sandbox, 50)
    const capsule = await capsuleOf(sandbox)
    const { skipped, at } = capsule.beginning
    expect(skipped).toBeGreaterThan(400)
    expect(await replayed(capsule)).toEqual({
      ...same(750 - skipped),
      notes: [`The replay begins at ${at}, after ${skipped} steps (requests and control actions).`],
    })
  })

  test.each([
    ['a reset', (sandbox: Sandbox) => sandbox.control.reset()],
    ['an empty journal', (sandbox: Sandbox) => sandbox.control.requests.delete()],
    ['a state for all', async (sandbox: Sandbox) => sandbox.control.state.put(await sandbox.control.state.get())],
  ])('at %s', async (_, begin) => {
    const sandbox = await sandboxFor({ scenario: structuredClone(RULES) as never })
    await asking(sandbox, 10)
    await sandbox.control.clock.advance('20m')
    await begin(sandbox)
    await asking(sandbox, 10)
    const capsule = await capsuleOf(sandbox)
    expect([capsule.beginning.skipped > 0, await replayed(capsule)]).toMatchObject([
      true,
      { requests: 10, difference: undefined },
    ])
  })

  test('nowhere without a journal, which is said', async () => {
    const sandbox = await sandboxFor({ journalSize: 0 })
    await asking(sandbox, 1)
    const { status, body } = await control(sandbox, 'GET', '/merchants/acme/capsule')
    expect([status, body.error.code, body.error.message]).toEqual([
      409,
      'conflict',
      expect.stringContaining('--journal-size'),
    ])
  })

  test('with --data, with the state at the start', async () => {
    const data = join(folder, 'restarted')
    const first = await createSandbox({ data })
    await first.control.merchant('acme').provider(WALLET_ID, { balance: 77 })
    await asking(first, 2)
    await first.close()
    await using second = await createSandbox({ data })
    await asking(second, 2)
    const capsule = await capsuleOf(second)
    expect(capsule.steps[0].answer.body).toContain('77')
    expect(await replayed(capsule)).toEqual(same(2))
  })
})

describe('what follows from a key follows from its stand-in', () => {
  const MARKER = 'marker_8f3a_key'
  const fixtures = {
    merchants: [
      {
        id: 'shop',
        responseKey: 'MARKER-RESPONSE-KEY',
        juspayApiKeys: [{ key: MARKER }, { key: 'tea' }],
        juicywayApiKeys: [{ key: `${MARKER}_masked`, masked: true }],
        webhook: {
          url: 'http://127.0.0.1:9/hooks',
          username: 'marker-user',
          password: 'marker-pass',
          headers: { a: 'marker-h' },
        },
      },
    ],
  }
  const scenario = {
    name: 's',
    rules: [{ name: 'of a key', match: { apiKey: 'marker_*_key' }, effect: { error: 'server_error' } }],
  } as const

  test('in every form in which it is sent, and in the rules of a scenario', async () => {
    const sandbox = await sandboxFor({ fixtures, scenario: structuredClone(scenario) as never })
    const forms = [
      ...[MARKER, 'tea'].flatMap((key) => [
        `Basic ${btoa(`${key}:`)}`,
        `Basic ${btoa(key)}`,
        `basic  ${btoa(`${key}:`).replace(/=+$/, '')}`,
      ]),
      `Bearer ${MARKER}_masked`,
      `Bearer ${MARKER}`,
    ]
    for (const authorization of forms)
      for (const path of ['/wallets/x', '/wallets'])
        await sandbox.fetch(`http://sandbox${path}?key=${MARKER}`, { headers: { authorization } })
    const capsule = await capsuleOf(sandbox, 'shop')
    const rules = capsule.steps.map(({ answer }: Any) => answer.rule)
    expect(new Set(rules)).toEqual(new Set(['of a key', null]))
    expect(JSON.stringify(capsule)).not.toMatch(/marker/i)
    expect(JSON.stringify(capsule)).not.toContain(btoa(MARKER).slice(0, 10))
    expect(await replayed(capsule)).toEqual(same(rules.length))
  })
})
