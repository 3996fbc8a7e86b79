import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { raw } from '../control/helpers.js'
import { BIN } from '../spawn.js'

/** Starts the command, asks things of it, stops it, and tells what it wrote. */
async function started(flags: string[], environment: Record<string, string>, act: (url: string) => Promise<void>) {
  const child = spawn(process.execPath, [BIN, '--port', '0', ...flags], {
    env: { PATH: process.env.PATH, ...environment },
  })
  const written = { errors: '', output: '' }
  child.stderr.on('data', (piece) => {
    written.errors += piece
  })
  child.stdout.on('data', (piece) => {
    written.output += piece
  })
  const exited = once(child, 'exit')
  try {
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
    await act(line.replace('wallet-sandbox listening on ', '').replace('0.0.0.0', '127.0.0.1'))
  } finally {
    child.kill('SIGTERM')
    await exited
  }
  return written
}

const status = async (url: string, headers = {}) => (await raw(`${url}/_sandbox/clock`, { headers })).status

test('open to other machines without a token: one line of warning', async () => {
  const { errors } = await started(['--host', '0.0.0.0'], {}, async (url) => expect(await status(url)).toBe(200))
  expect(errors).toMatch(
    /^wallet-sandbox: warning: http:\/\/0\.0\.0\.0:\d+ is open to other machines, and so is its control API; set --control-token to close it\n$/,
  )
})

test('with a token from the environment: no warning, and the token is needed', async () => {
  const variables = { WALLET_SANDBOX_CONTROL_TOKEN: 'tell-no-one', WALLET_SANDBOX_HOST: '0.0.0.0' }
  const { errors } = await started([], variables, async (url) => {
    expect(await status(url)).toBe(401)
    expect(await status(url, { authorization: 'Bearer tell-no-one' })).toBe(200)
  })
  expect(errors).toBe('')
})

const DELAYED = ['getWallet', 'listWallets', 'createCustomer', 'getCustomer', 'getOrder'].map(
  (name) => `juspay.${name}`,
)

/** What the second line says of a start with defaults but for the seed and strictness. */
const SECOND = {
  pretty: `scenario published-latency, latency real, seed 7, strict on, fixtures shipped; delays on ${DELAYED.join(', ')} alone`,
  json: JSON.stringify({
    scenario: 'published-latency',
    latency: 'real',
    seed: 7,
    strict: true,
    fixtures: 'shipped',
    delayed: DELAYED,
  }),
}

test.each(['json', 'pretty'] as const)(
  'the log as %s begins with the settings and shows no Authorization',
  async (format) => {
    const secret = 'nobodys_secret_key'
    const encoded = Buffer.from(`${secret}:`).toString('base64')
    const headers = { authorization: `Basic ${encoded}`, 'x-routing-id': secret }
    const { errors, output } = await started(['--log', format, '--seed', '7', '--strict'], {}, async (url) => {
      expect((await raw(`${url}/wallets/${secret}`, { headers })).status).toBe(401)
      expect((await raw(`${url}/${secret}?key=${encoded}`, { headers })).status).toBe(404)
    })
    const words = (text = '') => text.split(/[^\w.]+/).sort()
    expect(words(output.split('\n')[1])).toEqual(words(SECOND[format]))
    expect(output).toContain('/wallets/redacted')
    expect(errors + output).not.toContain(secret)
    expect(errors + output).not.toContain(encoded)
  },
)
