import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { bundled } from '../spawn.js'
import { clientOf, connect } from '../vendors/juspay/client.js'
import { order, pay } from './pay.js'
import { LONG, receiver, shop } from './support.js'

const PAYER = bundled(fileURLToPath(new URL('payer.ts', import.meta.url)))

/** What a process has done that is killed then. */
async function killedAfter(what: string, ...given: string[]): Promise<() => Promise<void>> {
  const payer = spawn(process.execPath, [PAYER, what, ...given], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(payer.stdout, 'data')
  return async () => {
    payer.kill('SIGKILL')
    await once(payer, 'close')
  }
}

function folder(): string {
  const data = mkdtempSync(join(tmpdir(), 'payer-'))
  onTestFinished(() => rmSync(data, { recursive: true, force: true }))
  return data
}

test('a process killed between the change and its events delivers each after the restart, with its first id', async () => {
  const data = folder()
  let answers = false
  const hooks = await receiver((_, response) => {
    if (answers) response.end()
  })
  const kill = await killedAfter('pay', data, hooks.url)
  await expect.poll(hooks.names, LONG).toEqual(['TXN_CREATED'])
  await kill()

  answers = true
  const client = await shop(undefined, { data })
  await expect.poll(hooks.names, LONG).toEqual(['TXN_CREATED', 'TXN_CREATED', 'TXN_CHARGED', 'ORDER_SUCCEEDED'])
  expect(hooks.received[1]!.body).toEqual(hooks.received[0]!.body)
  expect((await client.get('/orders/tea-1')).body.status).toBe('CHARGED')
})

test('what was set as a webhook holds after a kill: for merchants of fixtures, made ones, and those that come', async () => {
  const data = folder()
  const hooks = await receiver()
  await (await killedAfter('set', data, hooks.url))()
  for (let start = 1; start <= 2; start++) {
    const { sandbox, origin } = await connect({ data })
    const keys = ['acme_test_key', 'test_made_juspay', 'sandbox_old', 'sandbox_later', `sandbox_new_${start}`]
    for (const key of keys) {
      const client = clientOf(sandbox, origin, key)
      await order(client, { order_id: `tea-${start}` })
      await pay(client, `tea-${start}`)
    }
    await expect.poll(hooks.names, LONG).toHaveLength(3 * keys.length * start)
    const succeeded = hooks.received.filter(({ body }) => body.event_name === 'ORDER_SUCCEEDED')
    expect(new Set(succeeded.map(({ body }) => body.content.order.merchant_id)).size).toBe(keys.length - 1 + start)
    const { merchants: stored } = await sandbox.control.state.get()
    expect(stored.find(({ id }) => id === 'globex')!.webhook).toBeUndefined()
    // A reset goes back to what the fixtures say.
    if (start === 2) await sandbox.control.reset()
    await sandbox.close()
  }
  for (const { headers } of hooks.received) expect(headers.authorization).toBe(`Basic ${btoa('u:p')}`)
  const { sandbox } = await shop(undefined, { data })
  const webhooks = (await sandbox.control.state.get()).merchants.map(({ id, webhook }) => [id, webhook?.url])
  expect(Object.fromEntries(webhooks)).toMatchObject({ acme: undefined, globex: undefined })
})
