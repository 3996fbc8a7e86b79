import { describe, expect, onTestFinished, test } from 'vitest'
import { createSandbox, openCapsule, type Sandbox } from '../../src/index.js'
import { VERSION } from '../../src/lib/version.js'
import { replay } from '../../src/replay/replay.js'
import { ask, basic, control, sandboxFor, WALLET, WALLET_ID } from '../control/helpers.js'
import { every } from '../every.js'
import { commandHere, serve } from '../spawn.js'
import { clientOf } from '../vendors/juspay/client.js'
import { order, pay } from '../webhooks/pay.js'
import { receiver, shop } from '../webhooks/support.js'
import { type Any, capsuleFiles, capsuleOf, KEYS, small } from './files.js'
import { Session, STORMY } from './session.js'

const { write } = capsuleFiles()

async function opened(capsule: unknown, options: Parameters<typeof openCapsule>[1] = {}): Promise<Sandbox> {
  const sandbox = await openCapsule(write(capsule), options)
  onTestFinished(() => sandbox.close())
  return sandbox
}

const recordingOf = async (sandbox: Sandbox): Promise<Any> => {
  const { merchants } = await sandbox.control.merchants.list()
  return merchants[0]!.recording
}

describe('random sessions of both vendors', () => {
  /** A merchant's state and journal, but for keys and passwords, the machine's times and sockets, and what follows from a key. */
  async function picture(sandbox: Sandbox, merchant: string): Promise<Any> {
    const control = sandbox.control.merchant(merchant)
    const { merchants } = await control.state.get()
    const [{ juspayApiKeys, juicywayApiKeys, webhook, snapshot, ...state }] = merchants as Any
    const { requests } = await control.requests.get()
    const calls = requests.map(({ measuredMs, reason, warnings, ...call }: Any) => ({
      ...call,
      reason: reason === null ? null : typeof reason,
      warnings: warnings.map((warning: string) => warning.replace(/ \d+ ms/, '')),
      response: call.response && { ...call.response, headers: { ...call.response.headers, 'x-sandbox-reason': '' } },
    }))
    for (const { response } of calls) if (response !== null) delete response.headers['content-length']
    const { deliveries } = await control.webhooks.get()
    return {
      state,
      seed: snapshot.seed,
      counts: snapshot.calls,
      calls,
      deliveries,
      keys: await statuses(sandbox, merchant),
    }
  }

  const statuses = async (sandbox: Sandbox, merchant: string) => {
    const { merchants } = (await sandbox.control.merchant(merchant).state.get()) as Any
    return [merchants[0].juspayApiKeys, merchants[0].juicywayApiKeys].map((keys: Any) =>
      keys.map(({ status }: Any) => status),
    )
  }

  test('are served as they ended, and the next call is answered as the session would have answered it', async () => {
    const numbers = Array.from({ length: process.env.SOAK ? 60 : 10 }, (_, n) => n)
    await every(numbers, async (n) => {
      let sent = 0
      const hooks = await receiver((_, response) => {
        response.statusCode = ++sent % 3 === 0 ? 503 : 200
        response.end()
      })
      await using session = await createSandbox({
        scenario: STORMY,
        latency: 'virtual',
        seed: n,
        clock: '2023-09-11T08:30:00Z',
        strict: n % 4 === 3,
      })
      if (n % 3 === 0) await session.listen()
      const made = `sandbox_open_${n}`
      const [merchant, keys] = n % 5 === 1 ? [made, { juspay: [made], juicyway: [made] }] : ['acme', KEYS]
      await new Session(session, merchant, keys, n).run(hooks.url, process.env.SOAK ? 60 : 12)
      // What is due is delivered, and the clock stands.
      await session.control.merchant(merchant).clock.put({ now: '2024-05-01T00:00:00Z' })
      await session.control.merchant(merchant).clock.advance('1s')
      const again = await opened(await capsuleOf(session, merchant), { latency: 'virtual' })
      const recording = await recordingOf(again)
      expect(recording).toMatchObject({ notes: [], difference: null })
      expect(await picture(again, merchant)).toEqual(await picture(session, merchant))
      const next = async (sandbox: Sandbox, key: string) => {
        const response = await ask(sandbox, `${WALLET}?command=refresh`, key).catch((error: Error) => error)
        return response instanceof Error ? response.message : [response.status, await response.text().catch(String)]
      }
      expect(await replay(write(await capsuleOf(again, merchant)))).toMatchObject({ notes: [], difference: undefined })
      const key = keys.juspay[0]!
      expect(await next(again, recording.keys.juspay)).toEqual(await next(session, key))
    })
  })
})

describe('what is served', () => {
  test('a call sent again with another body, from before a call', async () => {
    const sandbox = await sandboxFor()
    for (let n = 0; n < 3; n++) await ask(sandbox, `${WALLET}?command=refresh`)
    await sandbox.control.merchant('acme').provider(WALLET_ID, { balance: 7 })
    await ask(sandbox, `${WALLET}?command=refresh`)
    const capsule = await capsuleOf(sandbox)
    const before = await opened(capsule, { until: 2 })
    const { requests } = await before.control.merchant('acme').requests.get()
    expect(requests.map(({ id }) => id)).toEqual([1])
    const { juspay } = (await recordingOf(before)).keys
    const again = await (await ask(before, '/wallets/wlt_none', juspay)).json()
    expect(again).not.toEqual(JSON.parse(capsule.steps[1].answer.body))
    expect((await before.control.merchant('acme').requests.get()).requests.map(({ id }) => id)).toEqual([1, 2])
    expect(await (await ask(await opened(capsule), WALLET, juspay)).json()).toMatchObject({ current_balance: 7 })
    expect((await replay(write(capsule), 4)).requests).toBe(3)
  })

  test('calls have the numbers that they had, from where the capsule begins', async () => {
    const sandbox = await sandboxFor({ journalSize: 200 })
    for (let n = 0; n < 450; n++) await ask(sandbox, WALLET)
    const capsule = await capsuleOf(sandbox)
    const again = await opened(capsule)
    const { requests } = await again.control.merchant('acme').requests.get()
    expect(requests[0]!.id).toBe(capsule.beginning.skipped + 1)
    expect(requests.at(-1)!.id).toBe(450)
    expect(await recordingOf(again)).toMatchObject({ skipped: capsule.beginning.skipped, failed: null })
  })

  test('its own key alone', async () => {
    const sandbox = await sandboxFor()
    await ask(sandbox, WALLET, 'sandbox_mine')
    const again = await opened(await capsuleOf(sandbox, 'sandbox_mine'))
    expect((await recordingOf(again)).keys).toEqual({ juspay: 'sandbox_mine', juicyway: 'sandbox_mine' })
    const status = async (key: string) => (await ask(again, WALLET, key)).status
    expect([await status('sandbox_mine'), await status('sandbox_other'), await status('acme_test_key')]).toEqual([
      ...[200, 401, 401],
    ])
    await expect(again.control.merchant('sandbox_other').state.get()).rejects.toThrow('There is no merchant')
  })

  test('its own merchant alone, whichever way another one would come', async () => {
    const again = await opened(await small())
    const { merchants, state } = again.control
    const whole = await state.get()
    const sentence = 'merchant: is "shop"; allowed: "acme", as an opened capsule holds its own merchant alone'
    const answer = await control(again, 'POST', '/merchants', { id: 'shop' })
    expect([answer.status, answer.body.error.message]).toEqual([400, sentence])
    await expect(merchants.create({ id: 'shop' })).rejects.toThrow(sentence)
    await expect(state.put({ merchants: [...whole.merchants, { id: 'shop' }] })).rejects.toThrow(sentence)
    expect((await ask(again, WALLET, 'sandbox_shop')).status).toBe(401)
    await merchants.drop('acme')
    await again.control.reset()
    expect((await merchants.list()).merchants.map(({ id }) => id)).toEqual(['acme'])
  })

  test('this machine alone', async () => {
    const again = await opened(await small())
    const { status, err } = await commandHere(['open', '--host', '0.0.0.0', write(await small())])
    expect([status, err]).toEqual([2, expect.stringContaining('listen.host: is "0.0.0.0"')])
    await expect(again.listen({ host: '0.0.0.0' })).rejects.toThrow(
      'listen.host: is "0.0.0.0"; allowed: an address of this machine',
    )
    expect(await again.listen()).toMatch(/^http:\/\/127\.0\.0\.1:/)
  })

  test('a clock that stands at the last call and no delay, unless they are set', async () => {
    const capsule = await small({ scenario: 'published-latency', latency: 'virtual' })
    const facts = async (sandbox: Sandbox) => {
      const { juspay } = (await recordingOf(sandbox)).keys
      const { headers } = await ask(sandbox, WALLET, juspay)
      return [(await sandbox.control.merchant('acme').clock.get()).now, headers.has('x-sandbox-latency-ms')]
    }
    expect(await facts(await opened(capsule))).toEqual([capsule.steps.at(-1).at, false])
    expect(await facts(await opened(capsule, { clock: '2025-01-01T00:00:00Z', latency: 'virtual' }))).toEqual([
      ...['2025-01-01T00:00:00.000Z', true],
    ])
  })

  test('the recording with its version, its time and the first call that failed', async () => {
    const again = await opened({ ...(await small()), version: '0.0.9' })
    expect(await recordingOf(again)).toMatchObject({
      version: '0.0.9',
      made: '2023-09-11T08:30:00.000Z',
      skipped: 0,
      failed: 3,
      difference: null,
      notes: [expect.stringContaining('made by version 0.0.9')],
    })
  })

  test('from a difference on, what was recorded', async () => {
    const capsule = await small()
    capsule.steps[2].answer.body = capsule.steps[2].answer.body.replace(':12', ':13')
    capsule.steps[3].answer.status = 404
    const again = await opened(capsule)
    const { requests } = await again.control.merchant('acme').requests.get()
    expect(requests.map(({ response, warnings }) => [response?.status, warnings.join()])).toEqual([
      [200, ''],
      [200, expect.stringMatching(/The replay differs from the recording here: {2}body differs/)],
      [404, ''],
    ])
    expect(requests[1]!.response?.body).toContain(':13')
    expect((await recordingOf(again)).difference[0]).toMatch(/^request 2 of 3: GET/)
  })

  test('a call that cannot be asked again counts among the numbers of those behind it', async () => {
    const capsule = await small()
    capsule.steps[0].request.url = 'nowhere'
    capsule.steps[0].answer = null
    capsule.steps[2].answer.body = capsule.steps[2].answer.body.replace(':12', ':13')
    expect((await recordingOf(await opened(capsule))).difference[0]).toMatch(/^request 2 of 3: GET/)
  })
})

describe('events', () => {
  async function paid() {
    const hooks = await receiver((_, response) => response.writeHead(503).end())
    const client = await shop(hooks.url)
    await order(client)
    await pay(client)
    await expect.poll(() => hooks.received.length).toBeGreaterThan(0)
    await client.sandbox.control.merchant('acme').clock.advance('1s')
    return { hooks, capsule: await capsuleOf(client.sandbox) }
  }

  test('are listed, and not sent', async () => {
    const { hooks, capsule } = await paid()
    const sent = hooks.received.length
    const again = await opened(capsule)
    const { clock, webhooks, state } = again.control.merchant('acme')
    const { deliveries: before } = await webhooks.get()
    expect(before.map(({ status }) => status)).toEqual(capsule.webhooks.map(({ status }: Any) => status))
    const waiting = await state.get()
    await clock.advance('2m')
    await webhooks.redeliver(before[0]!.event)
    await expect.poll(async () => (await webhooks.get()).deliveries.length).toBeGreaterThan(before.length + 1)
    const { deliveries } = await webhooks.get()
    expect(new Set(deliveries.slice(before.length).map(({ reason }) => reason))).toEqual(
      new Set(['not sent: recording']),
    )
    expect(JSON.stringify(((await state.get()) as Any).merchants[0].customers)).toBe(
      JSON.stringify((waiting as Any).merchants[0].customers),
    )
    const other = await receiver()
    await webhooks.put({ url: other.url })
    const client = clientOf(again, 'http://sandbox', (await recordingOf(again)).keys.juspay)
    await order(client, { order_id: 'tea-2' })
    await pay(client, 'tea-2')
    await expect
      .poll(async () => (await webhooks.get()).deliveries.filter((one) => one.order === 'tea-2').length)
      .toBeGreaterThan(0)
    expect([hooks.received.length, other.received.length]).toEqual([sent, 0])
  })

  test('are sent where that is asked for', async () => {
    const { hooks, capsule } = await paid()
    const sent = hooks.received.length
    const again = await opened(capsule, { deliver: true })
    await again.control.merchant('acme').clock.advance('2m')
    await expect.poll(() => hooks.received.length).toBeGreaterThan(sent)
  })
})

test('the command serves it in another process, time zone and locale, and first prints where and with which key', async () => {
  const file = write(await small())
  const place = { TZ: 'Asia/Kolkata', LC_ALL: 'hi_IN.UTF-8', LANG: 'hi_IN.UTF-8' }
  const served = serve(['open', file, '--log', 'silent'], place)
  onTestFinished(() => void served.child.kill())
  const url = await served.url()
  await expect.poll(() => served.lines.length).toBe(4)
  const [, keys, recording, inspector] = served.lines
  const key = /^key: (\S+) \(juspay\), \S+ \(juicyway\)$/.exec(keys!)![1]!
  expect(recording).toBe(`recording: merchant acme, of version ${VERSION}, made 2023-09-11T08:30:00.000Z`)
  expect(inspector).toBe(`inspector: ${url}/_sandbox/#call/acme/3`)
  const headers = basic(key)
  expect(await (await fetch(`${url}${WALLET}`, { headers })).json()).toMatchObject({ current_balance: 12 })
  expect(await served.stop()).toMatchObject({ status: 0 })
  expect(served.err).toBe('')
})

describe('a file from a stranger', () => {
  const STRANGE = [null, -1, 'x\u001b[31m\nsecond', [], {}]

  /** Every capsule that has something else in one place. */
  function* changed(whole: Any): Generator<string> {
    const text = JSON.stringify(whole)
    const places = (part: Any, path: (string | number)[]): (string | number)[][] =>
      typeof part === 'object' && part !== null
        ? Object.entries(part).flatMap(([name, each]) => [[...path, name], ...places(each, [...path, name])])
        : []
    for (const [n, path] of places(whole, []).entries()) {
      const copy = JSON.parse(text)
      const holder = path.slice(0, -1).reduce((part: Any, name) => part[name], copy)
      holder[path.at(-1)!] = STRANGE[n % STRANGE.length]
      yield JSON.stringify(copy)
    }
  }

  test('is served, or refused in sentences', async () => {
    let refused = 0
    for (const text of changed(await small())) {
      const file = write(text)
      const error = await openCapsule(file).then(
        (sandbox) => sandbox.close(),
        (reason: Error) => reason,
      )
      if (error === undefined) continue
      refused++
      expect([error.name, text, error.stack]).toEqual(['InputError', text, expect.any(String)])
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
      expect(error.message).not.toMatch(/\x1b/)
    }
    expect(refused).toBeGreaterThan(50)
  })

  test.each([
    [['open'], /^wallet-sandbox: open needs one file, not 0; allowed: open CAPSULE\n$/],
    [['open', 'none.json'], /none\.json: cannot be read: there is no such file/],
    [['open', '--until', '0', 'none.json'], /--until is "0"; allowed: the number of a call, from 1/],
    [['replay', '--until', 'x', 'none.json'], /--until is "x"; allowed: the number of a call, from 1/],
    [['start', '--until', '3'], /--until is not a flag of start/],
    [['open', '--latency', 'fast', 'none.json'], /--latency is "fast"; allowed/],
  ])('%j is refused', async (line, expected) => {
    const { status, out, err } = await commandHere(line)
    expect([status, out, err]).toEqual([2, '', expect.stringMatching(expected)])
  })

  test('a call that is not there', async () => {
    const file = write(await small())
    const { status, err } = await commandHere(['open', '--until', '9', file])
    expect([status, err]).toEqual([
      ...[2, `wallet-sandbox: ${file}: has no call 9 to stop before; allowed: the number of one, 1 to 3\n`],
    ])
  })

  test('prints nothing that steers a terminal', async () => {
    const capsule = await small()
    const file = write({
      ...capsule,
      version: '\u001b[31mred',
      steps: [{ ...capsule.steps[1], control: '\u001b]0;t' }],
    })
    const { err } = await commandHere(['replay', file])
    expect(err).toContain('\\x1b[31mred')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(err).not.toMatch(/\x1b/)
  })
})
