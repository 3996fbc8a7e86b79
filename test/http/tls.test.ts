import { spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { main } from '../../src/cli/main.js'
import { createSandbox, type Options } from '../../src/index.js'
import { BIN } from '../spawn.js'

const sample = (name: string) => fileURLToPath(new URL(`tls/${name}`, import.meta.url))
/** Self-signed, for localhost and 127.0.0.1, for a hundred years; made for this test and of no other use. */
const tlsCert = sample('cert.pem')
const tlsKey = sample('key.pem')

const place = mkdtempSync(join(tmpdir(), 'tls-'))
afterAll(() => rmSync(place, { recursive: true, force: true }))
const file = (name: string, content: string) => {
  writeFileSync(join(place, name), content)
  return join(place, name)
}

function health(url: string): Promise<{ status: string }> {
  return new Promise((resolve, reject) => {
    get(`${url}/_sandbox/health`, { ca: readFileSync(tlsCert), agent: false }, async (response) => {
      resolve(JSON.parse((await response.toArray()).join('')))
    }).on('error', reject)
  })
}

test('listen speaks HTTPS, with the certificate given', async () => {
  await using sandbox = await createSandbox({ tlsCert, tlsKey })
  const url = await sandbox.listen()
  expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
  expect(await health(url)).toMatchObject({ status: 'ok' })
})

test('a handshake that fails leaves a line in the journal', async () => {
  await using sandbox = await createSandbox({ tlsCert, tlsKey })
  const { port } = new URL(await sandbox.listen())
  const reasons = async () => (await sandbox.control.requests.get()).requests.map(({ reason }) => reason)
  await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow()
  await expect
    .poll(reasons)
    .toEqual(['The client speaks plain HTTP, but the sandbox serves HTTPS; use an https:// URL.'])
  const old = connect({ port: Number(port), host: '127.0.0.1', maxVersion: 'TLSv1.1', minVersion: 'TLSv1' })
  await once(old, 'error')
  await expect.poll(reasons).toEqual([expect.anything(), 'The TLS handshake failed (ERR_SSL_UNSUPPORTED_PROTOCOL).'])
})

test('the command says https in its first line, and the healthcheck finds it', async () => {
  const flags = ['--tls-cert', tlsCert, '--tls-key', tlsKey]
  const child = spawn(process.execPath, [BIN, '--port', '0', ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(child.stdout, 'data')
  const port = /^wallet-sandbox listening on https:\/\/127\.0\.0\.1:(\d+)\n/.exec(String(line))?.[1]
  expect(port).toBeDefined()
  const errors: string[] = []
  const streams = { out: () => {}, err: (text: string) => errors.push(text), isTerminal: false }
  // It gives up after seconds, which a busy machine may need.
  for (const known of [flags, []])
    await expect.poll(() => main(['healthcheck', '--port', port!, ...known], { ...streams, err: () => {} })).toBe(0)
  expect(await main(['healthcheck', '--port', '1'], streams)).toBe(1)
  expect(errors).toEqual([`wallet-sandbox: nothing answers at http://127.0.0.1:1/_sandbox/health`])
  child.kill('SIGTERM')
  expect(await once(child, 'close')).toEqual([0, null])
})

describe('what is not a certificate with its key is refused in one sentence', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const otherKey = file('other.pem', String(privateKey.export({ type: 'pkcs8', format: 'pem' })))
  const cases: [string, Options, RegExp][] = [
    ['a certificate alone', { tlsCert }, /^--tls-cert is given without --tls-key; allowed: both, or neither$/],
    ['a key alone', { tlsKey }, /^--tls-key is given without --tls-cert; allowed: both, or neither$/],
    [
      'a certificate that is not there',
      { tlsCert: '/no/cert', tlsKey },
      /^--tls-cert \/no\/cert cannot be read: there is no such file or folder; allowed: a PEM file with a certificate$/,
    ],
    [
      'a key that is a folder',
      { tlsCert, tlsKey: place },
      /^--tls-key .* cannot be read: it is a folder; allowed: a PEM file with a private key$/,
    ],
    [
      'an empty file',
      { tlsCert: file('empty', ''), tlsKey },
      /^--tls-cert .*empty cannot be read: it is empty; allowed: a PEM file with a certificate$/,
    ],
    [
      'text for a certificate',
      { tlsCert: file('text', 'hello'), tlsKey },
      /^--tls-cert .*text holds no certificate that can be used: .*; allowed: a PEM certificate and its unencrypted key$/,
    ],
    [
      'a certificate for a key',
      { tlsCert, tlsKey: tlsCert },
      /^--tls-key .*cert\.pem holds no private key that can be used: /,
    ],
    [
      'the key of another certificate',
      { tlsCert, tlsKey: otherKey },
      /^--tls-key .*other\.pem is not the key of the certificate .*cert\.pem: /,
    ],
  ]
  test.each(cases)('%s', async (_, options, sentence) => {
    const error = await createSandbox(options).catch((fault: Error) => fault)
    expect(error).toMatchObject({ name: 'InputError', message: expect.stringMatching(sentence) })
    expect((error as Error).message).not.toContain('\n')
  })
})
