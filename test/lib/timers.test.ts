import { mkdtempSync, rmSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { urlToHttpOptions } from 'node:url'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { createSandbox } from '../../src/index.js'

const LIST = '/customers/guest_user/wallets'
const auth = 'acme_test_key:'
const headers = { authorization: `Basic ${btoa(auth)}`, 'x-routing-id': 'guest_user' }

/** What a test can fake. A faked clock stands still, so that the sandbox's own stands too. */
type Fakes = NonNullable<NonNullable<Parameters<typeof vi.useFakeTimers>[0]>['toFake']>
const FAKES: readonly (Fakes | undefined)[] = [
  undefined,
  ['setTimeout', 'clearTimeout'],
  ['setInterval', 'clearInterval'],
  ['setImmediate', 'clearImmediate'],
  ['performance'],
  ['Date'],
  ['queueMicrotask'],
]

describe.each(FAKES.map((fakes) => [fakes?.join(', ') ?? 'all by default', fakes] as const))(
  'with %s faked',
  (_, toFake) => {
    const fake = () => {
      vi.useFakeTimers(toFake && { toFake })
      onTestFinished(() => void vi.useRealTimers())
    }

    test('a sandbox with default options answers in-process, waits as published, and closes', async () => {
      fake()
      const sandbox = await createSandbox()
      const response = await sandbox.fetch(`https://sandbox.juspay.in${LIST}`, { headers })
      expect(response.status).toBe(200)
      const { measuredMs, intendedMs } = (await sandbox.control.requests.get()).requests[0]!
      expect(measuredMs).toBeGreaterThan(intendedMs! - 1)
      await sandbox.close()
    })

    test('one with state on disk answers over a socket and stops with a call under way', async () => {
      const data = mkdtempSync(join(tmpdir(), 'timers-'))
      onTestFinished(() => rmSync(data, { recursive: true }))
      fake()
      const scenario = { name: 'slow', latency: { 'juspay.listWallets': { fixed: 600_000 } } }
      const sandbox = await createSandbox({ data, scenario, watch: true })
      const url = await sandbox.listen()
      const ask = (path: string) =>
        new Promise((resolve, reject) => {
          const asked = get({
            ...urlToHttpOptions(new URL(url)),
            path,
            auth,
            headers: { 'x-routing-id': 'guest_user' },
          })
          asked.on('response', (response) => resolve(response.resume().statusCode)).on('error', reject)
        })
      expect(await ask('/wallets/wlt_q23xzki3pazgtezo')).toBe(200)
      const slow = ask(LIST)
      while ((await sandbox.control.requests.get()).total < 2) await new Promise((resolve) => realTurn(resolve))
      await sandbox.close()
      expect(await slow).toBe(200)
    })
  },
)

const realTurn = setImmediate
