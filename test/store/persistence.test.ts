import fs, { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { createSandbox, type Options, type Sandbox } from '../../src/index.js'
import { MerchantRegistry } from '../../src/merchants/registry.js'
import { compile } from '../../src/scenarios/compile.js'
import { parseLatencyMode } from '../../src/scenarios/latency-mode.js'
import { DataFolder } from '../../src/store/folder.js'
import { type Baseline, baselineOf, State } from '../../src/store/state.js'
import { VENDORS } from '../../src/vendors/index.js'
import { AUTHORISED, customerId, fixturesOf, MERCHANT, RECORD, walletId } from './customers.js'

const place = mkdtempSync(join(tmpdir(), 'persistence-'))
afterAll(() => rmSync(place, { recursive: true, force: true }))
const fresh = () => join(mkdtempSync(join(place, 'p-')), 'data')

const OPTIONS: Options = { fixtures: fixturesOf(8), latency: 'off', tokenTtl: 0, clock: '2023-01-01T00:00:00Z' }
const get = (sandbox: Sandbox, wallet = 0, headers = AUTHORISED) =>
  sandbox.fetch(`http://x/wallets/${walletId(wallet)}`, { headers })
const token = async (response: Response | Promise<Response>) =>
  ((await (await response).json()) as { token: string }).token

/** Stands between lowdb's writer and the disk. */
const real = fs.promises.writeFile
function disk(instead: (file: string) => Promise<void>): void {
  fs.promises.writeFile = (async (file: string, ...rest: [string, 'utf8']) => {
    await instead(file)
    return real(file, ...rest)
  }) as typeof real
  syncBuiltinESMExports()
}
const wellAgain = () => {
  fs.promises.writeFile = real
  syncBuiltinESMExports()
}
afterEach(wellAgain)

const failing = (code: string) => async (): Promise<void> => {
  throw Object.assign(new Error(code), { code })
}

/** A promise, and what resolves it. */
function gated() {
  let open = () => {}
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  return { gate, open }
}

/** Counts writes, and holds them until let go. */
function held() {
  const { gate, open } = gated()
  const writes: string[] = []
  disk(async (file) => {
    writes.push(file)
    await gate
  })
  return { writes, letGo: open }
}

const settled = async (promise: Promise<unknown>) => {
  let done = false
  void promise.then(() => {
    done = true
  })
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
  return done
}

describe('what was answered is there after a restart', () => {
  test('the next tokens go on where they were, of made merchants too', async () => {
    const data = fresh()
    const made = { authorization: `Basic ${btoa('sandbox_one:')}` }
    const ask = async (sandbox: Sandbox) => [
      await token(get(sandbox)),
      await token(get(sandbox, 0, made)),
      await token(get(sandbox, 3)),
    ]
    await using one = await createSandbox(OPTIONS)
    const unbroken = [await ask(one), await ask(one), await ask(one)]
    const broken = []
    for (let n = 0; n < 3; n++) {
      await using sandbox = await createSandbox({ ...OPTIONS, data })
      broken.push(await ask(sandbox))
    }
    expect(broken).toEqual(unbroken)
    expect(new Set(broken.flat()).size).toBe(9)
  })

  test('a revoked key stays revoked', async () => {
    const data = fresh()
    const revoking = {
      name: 'revoking',
      rules: [{ name: 'revoke', when: { nth: 1 }, effect: { state: 'revoke-key' as const } }],
    }
    for (const scenario of [revoking, 'instant']) {
      await using sandbox = await createSandbox({ ...OPTIONS, data, scenario })
      if (scenario === revoking) await get(sandbox)
      expect((await get(sandbox)).status).toBe(401)
    }
  })
})

describe('an answer waits for the disk', () => {
  test('a change, and a read that saw it; one of another customer does not', async () => {
    await using sandbox = await createSandbox({ ...OPTIONS, tokenTtl: '15m', data: fresh() })
    await token(get(sandbox, 1))
    const { letGo } = held()
    const change = get(sandbox, 0)
    const read = get(sandbox, 0)
    expect(await settled(change)).toBe(false)
    expect(await settled(read)).toBe(false)
    expect((await get(sandbox, 1)).status).toBe(200)
    letGo()
    expect(await token(change)).toBe(await token(read))
  })

  test('changes that arrive together share one write, and those that arrive during it the next', async () => {
    await using sandbox = await createSandbox({ ...OPTIONS, data: fresh() })
    await get(sandbox)
    const { writes, letGo } = held()
    const together = Array.from({ length: 50 }, () => get(sandbox))
    await settled(Promise.all(together))
    const later = Array.from({ length: 50 }, () => get(sandbox))
    await settled(Promise.all(later))
    expect(writes).toHaveLength(1)
    letGo()
    const tokens = await Promise.all([...together, ...later].map(token))
    expect(new Set(tokens).size).toBe(100)
    expect(writes).toHaveLength(2)
  })
})

test('a refresh that tells nothing new is not stored, and one that does is', async () => {
  const written: string[] = []
  disk(async (file) => {
    written.push(file)
  })
  await using sandbox = await createSandbox({ ...OPTIONS, data: fresh(), tokenTtl: '1d' })
  const path = `http://x/customers/${customerId(0)}/wallets/refresh-balances`
  const stored = async () => {
    written.length = 0
    expect((await sandbox.fetch(path, { headers: AUTHORISED })).status).toBe(200)
    return written.length > 0
  }
  expect([await stored(), await stored()]).toEqual([true, false])
  await sandbox.control.provider(walletId(0), { balance: 77 })
  expect([await stored(), await stored()]).toEqual([true, false])
  await sandbox.control.clock.advance('1s')
  expect([await stored(), await stored()]).toEqual([true, false])
})

describe('a disk that refuses', () => {
  test.each([
    ['ENOSPC', 'the disk is full'],
    ['EROFS', 'the file system is read-only'],
    ['EIO', 'the disk failed'],
  ])(
    '%s: each request is told so, nothing of it stays, and all works again when the disk does',
    async (code, words) => {
      const data = fresh()
      const sandbox = await createSandbox({ ...OPTIONS, data })
      await using memory = await createSandbox(OPTIONS)
      expect(await token(get(sandbox))).toBe(await token(get(memory)))
      disk(failing(code))
      const refused = await Promise.all(Array.from({ length: 5 }, (_, n) => get(sandbox, n % 2)))
      for (const response of refused) {
        expect(response.status).toBe(500)
        expect(response.headers.get('x-sandbox-reason')).toContain(`could not be stored and was undone: ${data}`)
        expect(response.headers.get('x-sandbox-reason')).toContain(words)
        expect(await response.json()).toMatchObject({ error_code: 'internal_error' })
      }
      wellAgain()
      const after = [await token(get(sandbox)), await token(get(sandbox, 1))]
      expect(after).toEqual([await token(get(memory)), await token(get(memory, 1))])
      await sandbox.close()
      await using again = await createSandbox({ ...OPTIONS, data })
      expect(await token(get(again))).toBe(await token(get(memory)))
    },
  )

  test('what was built upon a change that failed fails with it', async () => {
    await using sandbox = await createSandbox({ ...OPTIONS, data: fresh() })
    await get(sandbox)
    const { gate, open } = gated()
    disk(async () => {
      await gate
      await failing('EIO')()
    })
    const first = get(sandbox)
    await settled(first)
    const second = get(sandbox)
    await settled(second)
    open()
    expect([(await first).status, (await second).status]).toEqual([500, 500])
  })

  test('from the very first write on', async () => {
    const data = fresh()
    await using sandbox = await createSandbox({ ...OPTIONS, data })
    await using memory = await createSandbox(OPTIONS)
    disk(failing('ENOSPC'))
    expect((await get(sandbox)).status).toBe(500)
    wellAgain()
    expect(await token(get(sandbox))).toBe(await token(get(memory)))
  })
})

describe('a whole state', () => {
  const seed = (n: number, balance = 10): Baseline => baselineOf(fixturesOf(n, balance).merchants[0]!)
  const FIXTURES = seed(3)

  /** A state over three customers, opened anew for each step. */
  async function steps(data: string, ...each: ((state: State) => unknown)[]): Promise<void> {
    for (const step of each) {
      const folder = await DataFolder.open(data)
      await step(new State(FIXTURES, folder.database(RECORD)))
      await folder.close()
    }
  }
  const renamed = (state: State, n: number) => ({ ...state.customer(customerId(n))!, objectReferenceId: `ref-${n}` })
  const names = (state: State) => [...state.named()].map((customer) => customer.objectReferenceId ?? customer.id)

  test('is replaced, changed and reset, and each is there after a restart', async () => {
    const data = fresh()
    await steps(
      data,
      (state) => state.committed(() => state.put(renamed(state, 1))),
      (state) => expect(names(state)).toEqual(['cst_0', 'ref-1', 'cst_2']),
      (state) => state.committed(() => state.reset(seed(5, 77))),
      (state) => state.committed(() => state.put(renamed(state, 4))),
      (state) => {
        expect(new Set(names(state))).toEqual(new Set(['cst_0', 'cst_1', 'cst_2', 'cst_3', 'ref-4']))
        expect(state.find('wallet', walletId(3))?.wallets[0]?.seen?.balance).toBe(7700)
        return state.committed(() => state.reset())
      },
      (state) => expect(names(state)).toEqual(['cst_0', 'cst_1', 'cst_2']),
    )
    expect(readdirSync(join(data, 'merchants'))).toEqual([expect.stringMatching(/^acme\.\w{16}\.json$/)])
  })

  test('that cannot be replaced is what it was, with what was stored of it', async () => {
    await steps(
      fresh(),
      async (state) => {
        await state.committed(() => state.put(renamed(state, 1)))
        disk(failing('ENOSPC'))
        const replacing = [5, 6].map((n) => Promise.resolve().then(() => state.committed(() => state.reset(seed(n)))))
        for (const result of await Promise.allSettled(replacing))
          expect(result).toMatchObject({ status: 'rejected', reason: { name: 'server_error' } })
        expect(names(state)).toEqual(['cst_0', 'ref-1', 'cst_2'])
        wellAgain()
        await state.committed(() => state.put(renamed(state, 2)))
      },
      (state) => expect(names(state)).toEqual(['cst_0', 'ref-1', 'ref-2']),
    )
  })

  test('takes other fixtures under it: edited customers are the new ones, changes of others stay', async () => {
    const edited = fixturesOf(4).merchants[0]!
    edited.customers![1]!.objectReferenceId = 'edited'
    await steps(
      fresh(),
      async (state) => {
        await state.committed(() => [0, 1, 2].map((n) => state.put(renamed(state, n))))
        await state.committed(() => state.rebase(baselineOf(edited)))
        expect(names(state)).toEqual(['ref-0', 'edited', 'ref-2', 'cst_3'])
      },
      (state) => expect(names(state)).toEqual(['ref-0', 'cst_1', 'ref-2']),
    )
  })
})

describe('made merchants', () => {
  const key = (n: number) => `sandbox_${n}`
  async function merchants(data: string, most: number, work: (merchants: MerchantRegistry) => unknown): Promise<void> {
    const folder = await DataFolder.open(data)
    const program = compile({ name: 'none' }, VENDORS)
    await work(
      new MerchantRegistry(
        fixturesOf(2).merchants,
        most,
        { seed: 1, clock: null, program, journalSize: 0, latency: parseLatencyMode('off')!, webhookHosts: [] },
        folder,
      ),
    )
    await folder.close()
  }
  const touch = (all: MerchantRegistry, n: number) => {
    const { state } = all.byKey('juspay', key(n))!
    return state.committed(() => state.put({ ...state.customer(customerId(0))!, objectReferenceId: key(n) }))
  }
  const ids = (all: MerchantRegistry) => [...all.all()].map(({ id }) => id)

  test('are there again, and one that had to go for another is not', async () => {
    const data = fresh()
    await merchants(data, 2, async (all) => {
      for (const n of [1, 2, 3]) await touch(all, n)
      expect(ids(all)).toEqual([MERCHANT, key(2), key(3)])
    })
    await merchants(data, 2, (all) => {
      expect(new Set(ids(all))).toEqual(new Set([MERCHANT, key(2), key(3)]))
      expect(all.byKey('juicyway', key(3))!.state.customer(key(3))?.id).toBe(customerId(0))
      expect(all.byKey('juspay', key(1))!.state.customer(key(1))).toBeUndefined()
    })
  })
})
