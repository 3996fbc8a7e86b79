import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { receiver, shop } from './support.js'

test('a process killed between the change and its events delivers each after the restart, with its first id', async () => {
  const data = mkdtempSync(join(tmpdir(), 'payer-'))
  onTestFinished(() => rmSync(data, { recursive: true, force: true }))
  let answers = false
  const hooks = await receiver((_, response) => {
    if (answers) response.end()
  })
  const file = fileURLToPath(new URL('payer.ts', import.meta.url))
  const payer = spawn(process.execPath, ['--import', 'tsx', file, data, hooks.url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(payer.stdout, 'data')
  await expect.poll(hooks.names).toEqual(['TXN_CREATED'])
  payer.kill('SIGKILL')
  await once(payer, 'close')

  answers = true
  const client = await shop(undefined, { data })
  await expect.poll(hooks.names).toEqual(['TXN_CREATED', 'TXN_CREATED', 'TXN_CHARGED', 'ORDER_SUCCEEDED'])
  expect(hooks.received[1]!.body).toEqual(hooks.received[0]!.body)
  expect((await client.get('/orders/tea-1')).body.status).toBe('CHARGED')
})
