import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { connect } from '../../src/control/client.js'
import { createSandbox, type Options, openCapsule, type Scenario } from '../../src/index.js'
import { replay } from '../../src/replay/replay.js'
import { basic, FROZEN } from '../control/helpers.js'
import { every } from '../every.js'

const KEY = 'sandbox_hold'
const ORDER = { order_id: 'tea-1', amount: '109.55', customer_id: 'cst_om2l6ctlptxwxuzj' }

type Rule = NonNullable<Scenario['rules']>[number]

/** A merchant whose calls of one operation are held. */
async function holding(rule: Partial<Rule> & Pick<Rule, 'effect'>, options: Options = {}) {
  const rules = [{ name: 'rule', match: { operation: 'juspay.createOrder' }, ...rule }] as Rule[]
  const sandbox = await createSandbox({ scenario: { name: 's', latency: {}, rules }, clock: FROZEN, ...options })
  onTestFinished(() => sandbox.close())
  const control = sandbox.control.merchant(KEY)
  const send = async (path: string, fields?: Record<string, string>, key = KEY, signal?: AbortSignal) => {
    const init = {
      headers: basic(key),
      ...(fields && { method: 'POST', body: new URLSearchParams(fields) }),
      ...(signal && { signal }),
    }
    const response = await sandbox.fetch(`http://sandbox${path}`, init)
    return { status: response.status, rule: response.headers.get('x-sandbox-rule'), date: response.headers.get('date') }
  }
  const open = (id = 'tea-1', signal?: AbortSignal) => send('/orders', { ...ORDER, order_id: id }, KEY, signal)
  const has = async (id = 'tea-1') => (await send(`/orders/${id}`)).status === 200
  return { sandbox, control, send, open, has }
}

test('a held call has its turn when it is released, and not before', async () => {
  const { control, open, has } = await holding({ effect: { hold: 'order' } })
  const opened = open()
  const held = await control.holds.next()
  expect(held).toEqual({
    hold: 'order',
    call: 1,
    merchant: KEY,
    operation: 'juspay.createOrder',
    request: 'POST /orders',
    since: FROZEN,
  })
  expect(await has()).toBe(false)
  await control.clock.advance('1m')
  expect((await control.scenario.get()).rules[0]).toMatchObject({ matched: 1, fired: 1 })
  expect(await control.holds.release('order')).toEqual({ released: 1 })
  expect(await opened).toEqual({ status: 200, rule: 'rule', date: 'Mon, 11 Sep 2023 08:31:00 GMT' })
  expect([await has(), await control.holds.get()]).toEqual([true, { holds: [] }])
})

test('what a call is released with, at each phase', async () => {
  await every(
    [
      [undefined, {}, 200, true],
      [undefined, { lose: true }, 'lost', true],
      [undefined, { error: 'server_error' }, 500, false],
      ['before-auth', { error: 'rate_limited' }, 429, false],
      ['after-commit', {}, 200, true],
      ['after-commit', { lose: true }, 'lost', true],
      ['after-commit', { error: 'server_error' }, 500, true],
    ] as const,
    async ([phase, how, status, isThere]) => {
      const { control, open, has, send } = await holding({ effect: { hold: 'order' }, ...(phase && { phase }) })
      const opened = open().then(
        (answer) => answer.status,
        () => 'lost',
      )
      await control.holds.next()
      // It holds up no other call, whether it has written or not.
      const other = await send(`/wallets/wlt_q23xzki3pazgtezo`)
      const before = await has()
      await control.holds.release('order', how)
      expect([other.status, before, await opened, await has()]).toEqual([
        200,
        phase === 'after-commit',
        status,
        isThere,
      ])
    },
  )
})

test('everything that ends a hold', async () => {
  const ends: Record<string, (parts: Awaited<ReturnType<typeof holding>>, hangUp: () => void) => unknown> = {
    reset: ({ control }) => control.reset(),
    'another scenario': ({ control }) => control.scenario.put('instant'),
    'a client that hangs up': (_, hangUp) => hangUp(),
    close: ({ sandbox }) => sandbox.close(),
  }
  await every(Object.entries(ends), async ([, end]) => {
    const parts = await holding({ effect: { hold: 'order' } })
    const gone = new AbortController()
    const opened = parts.open('tea-1', gone.signal).catch(() => {})
    await parts.control.holds.next()
    await end(parts, () => gone.abort())
    await opened
    expect(await parts.control.holds.get()).toEqual({ holds: [] })
  })
})

test('until so many calls have come, and for so long', async () => {
  const { control, open } = await holding({ effect: { hold: 'both', until: 2 } })
  const first = open()
  await control.holds.next()
  expect((await Promise.all([first, open('tea-2')])).map(({ status }) => status)).toEqual([200, 200])
  const third = open('tea-3')
  expect(await control.holds.next()).toMatchObject({ call: 3 })
  await Promise.all([third, open('tea-4')])

  const once = await holding({ when: { first: 1, per: 'merchant' }, effect: { hold: 'both', until: 2 } })
  const held = once.open()
  await once.control.holds.next()
  await Promise.all([once.open('tea-2'), held])

  const short = await holding({ effect: { hold: 'order', for: 5 } })
  expect((await short.open()).status).toBe(200)
  const { requests } = await short.control.requests.get()
  expect(requests[0]!.warnings).toContain('The hold "order" ended with its time, 5 ms.')

  // A timer of Node ends at once where it is set for more than 24 days.
  const long = await holding({ effect: { hold: 'order', for: '1000d' } })
  const waiting = long.open()
  await long.control.holds.next()
  await setTimeout(20)
  expect((await long.control.holds.get()).holds).toHaveLength(1)
  await long.control.holds.release('order')
  await waiting
})

test('over a socket, with the client of the control API', async () => {
  const { sandbox } = await holding({ effect: { hold: 'order' } })
  const url = await sandbox.listen()
  const control = connect(url, KEY)
  const opened = fetch(`${url}/orders`, { method: 'POST', headers: basic(KEY), body: new URLSearchParams(ORDER) })
  const { hold, call } = await control.holds.next({ hold: 'ord*' })
  await expect(control.holds.release('other')).rejects.toThrow('held are: "order" (call 1)')
  await expect(control.holds.release(hold, { error: 'otp_locked_up' })).rejects.toThrow('allowed for the calls held:')
  expect((await control.holds.get()).holds).toHaveLength(1)
  await control.holds.release(hold, { call, error: 'provider_timeout' })
  expect((await opened).status).toBeGreaterThanOrEqual(500)
})

test('a time that passes on the clock: --latency clock', async () => {
  const slow = { effect: { delay: { fixed: '30s' } } } as const
  const { control, open } = await holding(slow, { latency: 'clock' })
  const opened = open()
  await expect.poll(async () => (await control.clock.get()).waiting).toBe(1)
  const clock = await control.clock.advance('29s')
  expect(clock.waiting).toBe(1)
  await control.clock.advance('1s')
  // The answer was made when it was asked for.
  expect(await opened).toMatchObject({ status: 200, date: 'Mon, 11 Sep 2023 08:30:00 GMT' })
  expect((await control.clock.get()).waiting).toBe(0)

  const held = await holding({ effect: { hold: 'order', for: '2h' } }, { latency: 'clock' })
  const asked = held.open()
  await held.control.holds.next()
  await held.control.clock.advance('2h')
  expect(await asked).toMatchObject({ status: 200, date: 'Mon, 11 Sep 2023 10:30:00 GMT' })
  // A clock that runs is not waited for.
  const late = held.open('tea-2')
  await held.control.holds.next()
  await held.control.clock.put({ mode: 'real' })
  expect((await late).status).toBe(200)
})

test('a capsule repeats how calls were released, in whichever order they had their turns', async () => {
  const { control, open, sandbox } = await holding({
    when: { nth: [1, 3, 4], per: 'merchant' },
    effect: { hold: 'order' },
  })
  const first = open('tea-1')
  const { call } = await control.holds.next()
  await open('tea-2')
  const rest = [open('tea-3'), open('tea-4').catch(() => {})]
  await control.holds.next()
  await control.holds.next()
  await control.holds.release('order', { call: call + 3, lose: true })
  await control.holds.release('order', { call: call + 2, error: 'server_error' })
  await control.holds.release('order')
  await Promise.all([first, ...rest])
  const late = { name: 'late', match: { operation: 'juspay.updateOrder' }, phase: 'after-commit' as const }
  await control.scenario.put({ name: 'l', latency: {}, rules: [{ ...late, effect: { hold: 'update' } }] })
  const updated = sandbox.fetch('http://sandbox/orders/tea-1', {
    method: 'POST',
    headers: basic(KEY),
    body: new URLSearchParams({ amount: '5' }),
  })
  await control.holds.next()
  await control.holds.release('update', { error: 'maintenance' })
  expect((await updated).status).toBe(503)
  const file = join(mkdtempSync(join(tmpdir(), 'hold-')), 'capsule.json')
  writeFileSync(file, JSON.stringify(await control.capsule()))
  expect(await replay(file)).toEqual({ requests: 5, notes: [], difference: undefined })
})

test('a capsule repeats a hold that ended with its time, at once; a call that is held still is not in it', async () => {
  const { control, open } = await holding({ effect: { hold: 'order', for: 5 } })
  await open()
  await control.scenario.put({ name: 'l', latency: {}, rules: [{ name: 'r', effect: { hold: 'long' } }] })
  const held = open('tea-2').catch(() => {})
  await control.holds.next({ hold: 'long' })
  const capsule = await control.capsule()
  expect(capsule.steps.flatMap((step) => ('held' in step ? [step.held] : []))).toEqual([
    { rule: 'rule', release: 'answer' },
  ])
  const file = join(mkdtempSync(join(tmpdir(), 'hold-')), 'capsule.json')
  writeFileSync(file, JSON.stringify(capsule))
  expect(await replay(file)).toEqual({ requests: 1, notes: [], difference: undefined })
  await control.holds.release('long')
  await held
})

test('a capsule repeats a hold that another scenario ended', async () => {
  const { control, open } = await holding({ effect: { hold: 'order' } })
  const opened = open()
  await control.holds.next()
  await control.scenario.put('instant')
  expect(await opened).toMatchObject({ status: 200, rule: 'rule' })
  const file = join(mkdtempSync(join(tmpdir(), 'hold-')), 'capsule.json')
  writeFileSync(file, JSON.stringify(await control.capsule()))
  expect(await replay(file)).toEqual({ requests: 1, notes: [], difference: undefined })
})

test('a capsule begins behind a held call that a reset let go', async () => {
  const { control, open } = await holding({ effect: { hold: 'order' } })
  const opened = open()
  await control.holds.next()
  await control.reset()
  expect(await opened).toMatchObject({ status: 200 })
  await control.scenario.put('instant')
  await open('tea-2')
  const file = join(mkdtempSync(join(tmpdir(), 'hold-')), 'capsule.json')
  writeFileSync(file, JSON.stringify(await control.capsule()))
  expect(await replay(file)).toMatchObject({ requests: 1, difference: undefined })
})

test('an opened capsule goes on with the counters of a rule that holds', async () => {
  const { control, open } = await holding({ when: { nth: 2, per: 'merchant' }, effect: { hold: 'order', for: 5 } })
  for (const id of ['tea-1', 'tea-2', 'tea-3']) await open(id)
  const { rules } = await control.scenario.get()
  expect(rules).toMatchObject([{ matched: 3, fired: 1, next: null }])
  const file = join(mkdtempSync(join(tmpdir(), 'hold-')), 'capsule.json')
  writeFileSync(file, JSON.stringify(await control.capsule()))
  await using again = await openCapsule(file)
  expect((await again.control.merchant(KEY).scenario.get()).rules).toEqual(rules)
})
