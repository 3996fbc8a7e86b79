import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createSandbox } from '../../src/index.js'
import { clientsOf } from './churn.js'
import { fixturesOf } from './customers.js'

const place = mkdtempSync(join(tmpdir(), 'churn-'))
afterAll(() => rmSync(place, { recursive: true, force: true }))

const ROUNDS = 30

test('no acknowledged change is lost while merchants are reset, replaced, dropped and made anew', async () => {
  const data = join(place, 'data')
  const options = { data, fixtures: fixturesOf(2), latency: 'off' } as const
  for (let round = 0; round < ROUNDS; round++) {
    const clients = await (async () => {
      await using sandbox = await createSandbox(options)
      const send = (path: string, init?: RequestInit) => sandbox.fetch(`http://x${path}`, init)
      const all = clientsOf(send, String(round))
      await Promise.all(all.map((client) => client.round()))
      return all
    })()
    await using again = await createSandbox(options)
    for (const client of clients) {
      expect(client.certain.size).toBeGreaterThan(0)
      await client.verify((path, init) => again.fetch(`http://x${path}`, init))
    }
    await again.control.state.put((await again.control.merchant('acme').state.get()) as never)
  }
})
