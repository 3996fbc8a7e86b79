import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'

/** Both builds and the command of the package that is installed beside this file, with the Node that runs it. */

const headers = { authorization: `Basic ${btoa('acme_test_key:')}` }
const balance = async (url) => {
  const response = await fetch(`${url}/wallets/wlt_q23xzki3pazgtezo`, { headers })
  return (await response.json()).current_balance
}

const require = createRequire(import.meta.url)
for (const { createSandbox } of [await import('wallet-sandbox'), require('wallet-sandbox')]) {
  const sandbox = await createSandbox({ latency: 'off' })
  assert.equal(await balance(await sandbox.listen()), 250)
  await sandbox.close()
}

const bin = require.resolve('wallet-sandbox/package.json').replace('package.json', 'dist/bin.js')
const server = spawn(process.execPath, [bin, '--port', '0', '--latency', 'off', '--log', 'silent'])
const [line] = await once(createInterface(server.stdout), 'line')
const url = line.split(' ').at(-1)
assert.equal(await balance(url), 250)
const env = { ...process.env, WALLET_SANDBOX_PORT: new URL(url).port }
assert.equal(spawnSync(process.execPath, [bin, 'healthcheck'], { env }).status, 0)
server.kill('SIGTERM')
assert.deepEqual(await once(server, 'exit'), [0, null])

process.stdout.write(
  `Node ${process.version}: the ES module, the CommonJS module, the command and its health check work\n`,
)
