import fs, { mkdtempSync, rmSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSandbox, type Sandbox } from '../../src/index.js'
import { basic } from './helpers.js'

/** What was steered survives a restart, like what the vendors' calls changed. */

const WALLET = '/wallets/wlt_q23xzki3pazgtezo'
const FROZEN = '2023-09-11T08:30:00Z'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wallet-sandbox-control-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** Acts on a sandbox over the folder, and closes it. */
async function during<Outcome>(act: (sandbox: Sandbox) => Promise<Outcome>): Promise<Outcome> {
  await using sandbox = await createSandbox({ data: folder, latency: 'off', clock: FROZEN })
  return await act(sandbox)
}

const status = async (sandbox: Sandbox, path: string, key: string) =>
  (await sandbox.fetch(`http://x${path}`, { headers: basic(key) })).status
const refreshed = async (sandbox: Sandbox, key: string) => {
  const response = await sandbox.fetch(`http://x${WALLET}?command=refresh`, { headers: basic(key) })
  return ((await response.json()) as { current_balance: number }).current_balance
}

/** Has the disk refuse every write and every removal, until told otherwise. */
function refusingDisk(): () => void {
  const { rm, writeFile } = fs.promises
  const refuse = async () => {
    throw Object.assign(new Error('EROFS'), { code: 'EROFS' })
  }
  Object.assign(fs.promises, { rm: refuse, writeFile: refuse })
  syncBuiltinESMExports()
  return () => {
    Object.assign(fs.promises, { rm, writeFile })
    syncBuiltinESMExports()
  }
}

test('where the disk refuses, no merchant is made or dropped, and nothing changes', async () => {
  await during(async (sandbox) => {
    const { control } = sandbox
    await control.merchants.create({ id: 'm1' })
    const before = [await control.merchants.list(), await control.state.get()]
    const allow = refusingDisk()
    try {
      const refused = {
        code: 'not_stored',
        message: expect.stringMatching(/could not be stored and was undone: .*read-only/),
      }
      await expect(control.merchants.create({ id: 'm2' })).rejects.toMatchObject(refused)
      await expect(control.merchants.drop('m1')).rejects.toMatchObject(refused)
      await expect(control.merchants.drop('globex')).rejects.toMatchObject(refused)
      await expect(control.merchant('m1').reset()).rejects.toMatchObject(refused)
      await expect(control.merchant('acme').provider('wlt_q23xzki3pazgtezo', { balance: 1 })).rejects.toMatchObject(
        refused,
      )
    } finally {
      allow()
    }
    expect([await control.merchants.list(), await control.state.get()]).toEqual(before)
    expect(await status(sandbox, '/wallets/wlt_globexphonepe001', 'globex_test_key')).toBe(200)
    await control.merchants.drop('m1')
    await control.merchants.create({ id: 'm1' })
  })
  expect(await during((sandbox) => sandbox.control.merchants.get('m1'))).toMatchObject({ id: 'm1' })
})

test('closing right after many changes fails none of them', async () => {
  const sandbox = await createSandbox({ data: folder, latency: 'off', clock: FROZEN })
  const posts = Array.from({ length: 300 }, (_, n) =>
    sandbox.fetch('http://x/customers', {
      method: 'POST',
      headers: basic('acme_test_key'),
      body: new URLSearchParams({ object_reference_id: `customer ${n}` }),
    }),
  )
  await sandbox.close()
  expect(new Set((await Promise.all(posts)).map((response) => response.status))).toEqual(new Set([200]))
  await during(async (again) => {
    for (const n of [0, 150, 299]) expect(await status(again, `/customers/customer%20${n}`, 'acme_test_key')).toBe(200)
  })
  await expect(sandbox.fetch(`http://x${WALLET}`)).rejects.toThrow('fetch: the sandbox is closed')
  await expect(sandbox.listen()).rejects.toThrow('listen: the sandbox is closed')
})

describe('after a restart', () => {
  test('a provider still holds what it was told to', async () => {
    await during(({ control }) => control.merchant('acme').provider('wlt_q23xzki3pazgtezo', { balance: 95.5 }))
    expect(await during((sandbox) => refreshed(sandbox, 'acme_test_key'))).toBe(95.5)
  })

  test('a merchant that was made is there, with its seed, clock and keys, and one that was dropped is not', async () => {
    const made = await during(({ control }) =>
      control.merchants.create({ id: 'm1', seed: 5, clock: '2023-01-01T00:00:00Z' }),
    )
    const [key] = made.keys.juspay as [string]
    const again = await during(async (sandbox) => {
      expect(await status(sandbox, WALLET, key)).toBe(200)
      return sandbox.control.merchants.get('m1')
    })
    expect(again).toEqual(made)
    await during(({ control }) => control.merchants.drop('m1'))
    expect(await during((sandbox) => status(sandbox, WALLET, key))).toBe(401)
  })

  test('a merchant of the fixtures that was dropped stays away until all are reset', async () => {
    await during(({ control }) => control.merchants.drop('globex'))
    await during(async (sandbox) => {
      expect(await status(sandbox, '/wallets/wlt_globexphonepe001', 'globex_test_key')).toBe(401)
      await sandbox.control.reset()
    })
    expect(await during((sandbox) => status(sandbox, '/wallets/wlt_globexphonepe001', 'globex_test_key'))).toBe(200)
  })

  test('a merchant that was made with fixtures of its own is reset to them', async () => {
    const own = { juspayApiKeys: [{ key: 'own_key' }], customers: [{ id: 'cst_own', firstName: 'first' }] }
    const name = (sandbox: Sandbox, id: string) =>
      sandbox.control
        .merchant(id)
        .state.get()
        .then(({ merchants }) => merchants[0]!.customers!.map((customer) => customer.firstName))
    const rename = (sandbox: Sandbox, id: string) =>
      sandbox.fetch('http://x/customers/cst_own', {
        method: 'POST',
        headers: basic(id === 'm1' ? 'own_key' : 'put_key'),
        body: new URLSearchParams({ first_name: 'second' }),
      })
    await during(async (sandbox) => {
      await sandbox.control.merchants.create({ id: 'm1', fixtures: { merchants: [{ id: 'm1', ...own }] } })
      const { merchants } = await sandbox.control.state.get()
      const put = { ...own, id: 'm2', juspayApiKeys: [{ key: 'put_key' }] }
      await sandbox.control.state.put({ merchants: [...merchants, put] })
      for (const id of ['m1', 'm2']) expect((await rename(sandbox, id)).status).toBe(200)
    })
    await during(async (sandbox) => {
      for (const id of ['m1', 'm2']) {
        expect(await name(sandbox, id)).toEqual(['second'])
        await sandbox.control.merchant(id).reset()
        expect(await name(sandbox, id)).toEqual(['first'])
      }
    })
    await during(async (sandbox) => {
      for (const id of ['m1', 'm2']) expect(await name(sandbox, id)).toEqual(['first'])
      await sandbox.control.merchants.drop('m1')
      await sandbox.control.merchants.create({ id: 'm1' })
    })
    expect(await during((sandbox) => name(sandbox, 'm1'))).not.toContain('first')
  })

  test('a reset gives a made merchant back the seed and the keys that it began with', async () => {
    const first = await during(async ({ control }) => {
      const made = await control.merchants.create({ id: 'm1', seed: 5 })
      const state = { juspayApiKeys: [{ key: 'other_key' }], snapshot: { seed: 99 } }
      await control.merchant('m1').state.put({ merchants: [{ id: 'm1', ...state }] })
      return made
    })
    await during(async ({ control }) => {
      expect(await control.merchants.get('m1')).toMatchObject({ seed: 99, keys: { juspay: ['other_key'] } })
      await control.merchant('m1').reset()
    })
    expect(await during(({ control }) => control.merchants.get('m1'))).toEqual(first)
  })

  test('what is put in the place of a merchant that was dropped has nothing of it', async () => {
    const firstName = async ({ control }: Sandbox) =>
      (await control.merchant('globex').state.get()).merchants[0]!.customers!.map((customer) => customer.firstName)
    const own = { id: 'globex', juspayApiKeys: [{ key: 'own_key' }], customers: [{ id: 'mine', firstName: 'own' }] }
    const fixtures = await during(async ({ control }) => {
      const { merchants } = await control.state.get()
      await control.merchant('globex').provider('wlt_globexphonepe001', { balance: 1 })
      await control.merchants.drop('globex')
      await expect(control.merchants.create({ id: 'globex', fixtures: { merchants: [own] } })).rejects.toThrow(
        /^The fixtures have a merchant "globex", which was dropped; give another id/,
      )
      await control.state.put({ merchants: [...merchants.filter(({ id }) => id !== 'globex'), own] })
      return { merchants: merchants.filter(({ id }) => id !== 'globex') }
    })
    expect(await during(firstName)).toEqual(['own'])
    // Of another one that is gone from the fixtures, too.
    await during(({ control }) => control.merchant('globex').reset())
    const without = async <Outcome>(act: (sandbox: Sandbox) => Promise<Outcome>) => {
      await using sandbox = await createSandbox({ data: folder, latency: 'off', fixtures })
      return await act(sandbox)
    }
    await without(({ control }) => control.merchants.create({ id: 'globex', fixtures: { merchants: [own] } }))
    expect(await without(firstName)).toEqual(['own'])
    // One that was made goes on, though the fixtures now have one of its id.
    expect(await during(firstName)).toEqual(['own'])
    await during(({ control }) => control.merchants.drop('globex'))
    await during(({ control }) => control.reset())
    expect(await during(firstName)).not.toContain('own')
    expect(await without(({ control }) => control.merchants.list())).toMatchObject({
      merchants: fixtures.merchants.map(({ id }) => ({ id })),
    })
  })

  test('a replaced state is the state, its keys included, and a reset goes back to the fixtures', async () => {
    const before = await during(async ({ control }) => {
      const { merchants } = await control.merchant('acme').state.get()
      const [customer] = merchants[0]!.customers!
      await control.merchant('acme').state.put({
        merchants: [{ id: 'acme', juspayApiKeys: [{ key: 'other_key' }], customers: [customer!] }],
      })
      return control.merchant('acme').state.get()
    })
    await during(async (sandbox) => {
      expect(await sandbox.control.merchant('acme').state.get()).toEqual(before)
      expect(await status(sandbox, WALLET, 'other_key')).toBe(200)
      expect(await status(sandbox, '/customers/guest_user/wallets', 'other_key')).toBe(400)
      expect(await status(sandbox, WALLET, 'acme_test_key')).toBe(401)
      await sandbox.control.merchant('acme').reset()
    })
    expect(await during((sandbox) => status(sandbox, '/customers/guest_user/wallets', 'acme_test_key'))).toBe(200)
  })

  test('a replaced seed draws the delays too', async () => {
    const firstDelay = async (seed?: number) => {
      await using sandbox = await createSandbox({ data: folder, latency: 'virtual', clock: FROZEN })
      const { state } = sandbox.control.merchant('acme')
      const [merchant] = (await state.get()).merchants
      if (seed !== undefined) await state.put({ merchants: [{ ...merchant!, snapshot: { seed } }] })
      const { headers } = await sandbox.fetch(`http://x${WALLET}`, { headers: basic('acme_test_key') })
      return [headers.get('x-sandbox-seed'), headers.get('x-sandbox-latency-ms')]
    }
    const drawn = await firstDelay(77)
    expect(drawn[0]).toBe('77')
    expect(await firstDelay()).toEqual(drawn)
  })

  test('orders, top-ups and one-time passwords are there', async () => {
    const form = { ...basic('acme_test_key'), 'content-type': 'application/x-www-form-urlencoded' }
    const post = async (sandbox: Sandbox, path: string, body: string) =>
      (await (await sandbox.fetch(`http://x${path}`, { method: 'POST', headers: form, body })).json()) as Record<
        string,
        string
      >
    const wallet = await during(async (sandbox) => {
      await post(sandbox, '/orders', 'order_id=o1&amount=10.50&customer_id=guest_user')
      await post(sandbox, `${WALLET}/topup`, 'amount=5&topup_txn_id=t1')
      return (await post(sandbox, '/customers/guest_user/wallets', 'gateway=PAYTM&command=authenticate')).id!
    })
    await during(async (sandbox) => {
      expect(await status(sandbox, '/orders/o1', 'acme_test_key')).toBe(200)
      expect(await sandbox.control.merchant('acme').wallet('wlt_q23xzki3pazgtezo')).toMatchObject({
        topUps: [{ reference: 't1', amount: 5 }],
      })
      const { otp } = (await sandbox.control.merchant('acme').wallet(wallet)) as unknown as { otp: { code: string } }
      expect(await post(sandbox, `/wallets/${wallet}`, `command=link&otp=${otp.code}`)).toMatchObject({ linked: true })
    })
  })
})

test('a key longer than any id makes no merchant, so that what is stored can be read again', async () => {
  const long = `sandbox_${'x'.repeat(300)}`
  expect(await during((sandbox) => status(sandbox, WALLET, long))).toBe(401)
  expect(await during((sandbox) => status(sandbox, WALLET, 'acme_test_key'))).toBe(200)
})

test('a state that leaves a key out does not make the merchant anew when the key is used', async () => {
  await using sandbox = await createSandbox({ latency: 'off' })
  const { control } = sandbox
  await control.merchant('sandbox_a').state.put({
    merchants: [{ id: 'sandbox_a', juspayApiKeys: [{ key: 'sandbox_a' }], customers: [{ id: 'only' }] }],
  })
  const bearer = await sandbox.fetch('http://x/wallets/all', { headers: { authorization: 'Bearer sandbox_a' } })
  expect(bearer.status).toBe(401)
  expect(await status(sandbox, '/customers/only/wallets', 'sandbox_a')).toBe(200)
})

test('a clock that was advanced is as far ahead after its own snapshot', async () => {
  await using sandbox = await createSandbox({ latency: 'off' })
  const { clock, state } = sandbox.control.merchant('acme')
  await clock.advance('10h')
  const before = Date.parse((await clock.get()).now)
  await state.put(await state.get())
  expect(Date.parse((await clock.get()).now)).toBeGreaterThanOrEqual(before)
})
