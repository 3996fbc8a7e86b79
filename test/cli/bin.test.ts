import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { createSandbox } from '../../src/index.js'
import { ROOT } from '../build.js'
import { juspayHeaders, PATHS } from '../contract/targets.js'
import { BIN, command, commandHere, serve } from '../spawn.js'

const folder = mkdtempSync(join(tmpdir(), 'command-'))
afterAll(() => rmSync(folder, { recursive: true }))
const write = (name: string, content: unknown) => {
  const file = join(folder, name)
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

const headers = juspayHeaders()
const get = (url: string, path: string, init: RequestInit = { headers }) => fetch(`${url}${path}`, init)

describe('the built command', () => {
  test('says where it listens, serves, logs, and stops', async () => {
    const server = serve()
    const url = await server.url()
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect((await get(url, PATHS.getWallet)).status).toBe(200)
    expect((await get(url, '/wallets/wlt_unknown')).status).toBe(400)
    expect(await server.stop()).toMatchObject({ status: 0 })
    expect(server.err).toBe('')
    expect(server.lines).toHaveLength(4)
    const [begun, first, second] = server.lines.slice(1).map((line) => JSON.parse(line))
    expect(begun).toEqual({
      scenario: 'published-latency',
      latency: 'real',
      seed: 1,
      strict: false,
      fixtures: 'shipped',
      delayed: expect.arrayContaining(['juspay.getWallet', 'juspay.listWallets']),
    })
    expect(first).toMatchObject({ operation: 'juspay.getWallet', status: 200, merchant: 'acme' })
    expect(second).toMatchObject({ status: 400, reason: expect.stringContaining('wlt_unknown') })
    expect(server.lines.join()).not.toContain(headers.authorization)
  })

  /** Where each setting can be seen from outside. */
  async function expectSettings(url: string, logged: readonly string[]) {
    const response = await get(url, PATHS.getWallet)
    expect(response.headers.get('x-sandbox-seed')).toBe('42')
    expect(Number(response.headers.get('x-sandbox-latency-ms'))).toBeGreaterThan(0)
    expect((await get(url, PATHS.getWallet, { headers: { authorization: headers.authorization } })).status).toBe(400)
    expect(await (await get(url, '/wallets/wlt_unknown')).text()).toContain('null_error')
    const token = async () => ((await (await get(url, PATHS.getWallet)).json()) as { token: string }).token
    expect(await token()).not.toBe(await token())
    await expect.poll(() => logged.length).toBeGreaterThanOrEqual(7)
    expect(logged[2]).toMatch(/^{"at":"2023-09-11T08:30:00\.000Z"/)
  }

  test('flags', async () => {
    const argv = '--host localhost --seed 42 --clock 2023-09-11T08:30:00Z --latency virtual --strict'
    const more = '--error-bodies detailed --token-ttl 0 --max-merchants 5 --journal-size 5 --log json'
    const server = serve([...argv.split(' '), ...more.split(' ')], { WALLET_SANDBOX_SEED: '41' })
    const url = await server.url()
    expect(url).toMatch(/^http:\/\/localhost:\d+$/)
    await expectSettings(url, server.lines)
    expect((await server.stop()).status).toBe(0)
  })

  test.runIf(process.getuid?.() === 0)(
    'at the port that a URL leaves out, where the healthcheck finds it',
    async () => {
      const [host, file] = [`127.0.${process.pid % 250}.81`, join(folder, 'url')]
      const server = serve(['--host', host, '--port', '80', '--url-file', file])
      expect(await server.url()).toBe(`http://${host}:80`)
      await expect.poll(() => existsSync(file) && readFileSync(file, 'utf8')).toBe(`http://${host}:80\n`)
      expect(await commandHere(['healthcheck', '--url-file', file])).toEqual({ status: 0, out: '', err: '' })
      expect((await server.stop()).status).toBe(0)
      const stopped = write('stopped', `http://${host}:80\n`)
      const { status, err } = await commandHere(['healthcheck', '--url-file', stopped])
      expect([status, err]).toEqual([1, `wallet-sandbox: nothing answers at http://${host}:80/_sandbox/health\n`])
    },
  )

  test('a URL file that is not whole is passed over', async () => {
    const { status, err } = await commandHere(['healthcheck', '--url-file', write('empty', ''), '--port', '1'])
    expect([status, err]).toEqual([1, 'wallet-sandbox: nothing answers at http://127.0.0.1:1/_sandbox/health\n'])
  })

  test('a URL file that cannot be written is a warning, and the server stops as it should', async () => {
    const server = serve(['--port', '0', '--url-file', folder])
    await server.url()
    const warning = `wallet-sandbox: warning: --url-file ${folder} cannot be written: it is a folder\n`
    await expect.poll(() => server.err).toBe(warning)
    expect((await server.stop()).status).toBe(0)
    expect(server.err).toBe(warning)
  })

  test('beside what Kubernetes and Docker put in', async () => {
    const server = serve([], {
      WALLET_SANDBOX_PORT: 'tcp://10.96.12.7:8080',
      WALLET_SANDBOX_SERVICE_HOST: '10.96.12.7',
      WALLET_SANDBOX_SEED: '7',
      WALLET_SANDBOX_BIN: '/usr/bin/wallet-sandbox',
    })
    expect((await get(await server.url(), PATHS.getWallet)).headers.get('x-sandbox-seed')).toBe('7')
    expect((await server.stop()).status).toBe(0)
    expect(server.err).toBe(
      'wallet-sandbox: warning: ignored, because they are not settings of the sandbox: WALLET_SANDBOX_PORT, WALLET_SANDBOX_SERVICE_HOST\n',
    )
  })

  test('variables', async () => {
    const server = serve([], {
      WALLET_SANDBOX_PORT: '1',
      WALLET_SANDBOX_HOST: '0.0.0.0',
      WALLET_SANDBOX_SEED: '42',
      WALLET_SANDBOX_CLOCK: '2023-09-11T08:30:00Z',
      WALLET_SANDBOX_LATENCY: 'virtual',
      WALLET_SANDBOX_STRICT: '1',
      WALLET_SANDBOX_ERROR_BODIES: 'detailed',
      WALLET_SANDBOX_TOKEN_TTL: '0',
      WALLET_SANDBOX_LOG: 'json',
    })
    const url = await server.url()
    expect(url).toMatch(/^http:\/\/0\.0\.0\.0:\d+$/)
    await expectSettings(url.replace('0.0.0.0', '127.0.0.1'), server.lines)
    expect((await server.stop()).status).toBe(0)
  })

  test('generated fixtures are served, from a file', async () => {
    const { out, status } = await commandHere(['generate', '--customers', '2', '--seed', '9'])
    expect(status).toBe(0)
    const server = serve(['--fixtures', write('generated.json', out), '--scenario', 'instant', '--log', 'silent'])
    const url = await server.url()
    const [{ id }] = JSON.parse(out).merchants[0].customers
    const response = await get(url, `/customers/${id}/wallets`)
    expect(response.status).toBe(200)
    expect(response.headers.has('x-sandbox-latency-ms')).toBe(false)
    await server.stop()
    expect(server.lines).toHaveLength(1)
  })
})

describe('what it cannot do, it says in one line on stderr, with exit 2 and no stack', () => {
  function expectRefused({ status, out, err }: Awaited<ReturnType<typeof command>>, sentence: RegExp) {
    expect({ status, out }).toEqual({ status: 2, out: '' })
    expect(err).toMatch(sentence)
    expect(err.trimEnd().split('\n')).toHaveLength(1)
  }

  test('a bad variable', async () =>
    expectRefused(
      await command([], { WALLET_SANDBOX_LATENCY: 'fast' }),
      /^wallet-sandbox: WALLET_SANDBOX_LATENCY is "fast"; allowed:/,
    ))
  test('a bad fixture', async () => {
    const file = write('bad.json', { merchants: [{ id: 'm', customers: [{ id: 'c' }, { id: 'c' }] }] })
    expectRefused(
      await commandHere(['--fixtures', file]),
      /bad\.json:merchants\[0\]\.customers\[1\]\.id: is "c", which .* allowed:/,
    )
  })
  test('an address that is not this machine’s', async () =>
    expectRefused(
      await commandHere(['--host', '192.0.2.1', '--port', '0']),
      /--host 192\.0\.2\.1 is not an address of this machine; allowed/,
    ))
  test('a port that is taken', async () => {
    const sandbox = await createSandbox()
    const { port } = new URL(await sandbox.listen())
    expectRefused(
      await commandHere(['--port', port]),
      new RegExp(`^wallet-sandbox: --port ${port} is taken .*; allowed: a free port`),
    )
    await sandbox.close()
  })
})

describe('a stop', () => {
  const slow = () =>
    write('slow.json', {
      name: 'slow',
      description: 'Ten minutes.',
      latency: { 'juspay.getWallet': { fixed: 600_000 } },
    })

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s lets a slow answer finish, within 2 s',
    { retry: 4 },
    async (signal) => {
      const server = serve(['--scenario', slow()])
      const call = request(`${await server.url()}${PATHS.getWallet}`, {
        headers: { ...headers, expect: '100-continue' },
      })
      const answered = once(call, 'response')
      call.end()
      // The server says so when it has the request.
      await once(call, 'continue')
      const { status, ms } = await server.stop(signal)
      expect(status).toBe(0)
      expect(ms).toBeLessThan(2000)
      const [response] = await answered
      expect(response.statusCode).toBe(200)
      let body = ''
      for await (const chunk of response) body += chunk
      expect(JSON.parse(body)).toMatchObject({ id: 'wlt_q23xzki3pazgtezo' })
    },
  )

  test('does not wait for connections that are kept alive', { retry: 4 }, async () => {
    const server = serve(['--latency', 'off'])
    expect((await get(await server.url(), PATHS.getWallet)).status).toBe(200)
    const { status, ms } = await server.stop()
    expect(status).toBe(0)
    expect(ms).toBeLessThan(1400)
  })
})

describe('the other commands', () => {
  test('healthcheck', async () => {
    const server = serve()
    const { port } = new URL(await server.url())
    expect(await commandHere(['healthcheck', '--port', port])).toEqual({ status: 0, out: '', err: '' })
    const variables = { WALLET_SANDBOX_PORT: port, WALLET_SANDBOX_HOST: '0.0.0.0' }
    expect(await command(['healthcheck'], variables)).toEqual({ status: 0, out: '', err: '' })
    await server.stop()
    const url = `http://127.0.0.1:${port}/_sandbox/health`
    const silent = { status: 1, out: '', err: `wallet-sandbox: nothing answers at ${url}\n` }
    expect(await commandHere(['healthcheck', '--port', port])).toEqual(silent)
  })

  test('validate', async () => {
    const good = write('good.json', { merchants: [{ id: 'm' }] })
    const scenario = write('scenario.json', { name: 'mine', description: 'Nothing.' })
    const bad = write('bad.json', { merchants: [{ id: 5 }] })
    const { status, out, err } = await commandHere(['validate', good, scenario, bad, join(folder, 'absent.json')])
    expect(status).toBe(1)
    expect(out).toContain(`${good}: valid fixtures (merchants: 1, customers: 0)\n`)
    expect(out).toContain(`${scenario}: valid scenario "mine"`)
    expect(err.split('\n')).toEqual([
      `${bad}:merchants[0].id: is 5; allowed: text of 1 to 256 printable ASCII characters without a blank at either end; quote it: "5"`,
      `${join(folder, 'absent.json')}: cannot be read: there is no such file or folder; allowed: a JSON file`,
      '',
    ])
    expect((await commandHere(['validate', good, scenario])).status).toBe(0)
  })

  test('validate takes a folder as --fixtures does', async () => {
    const place = join(folder, 'parts')
    mkdirSync(place)
    expect((await commandHere(['validate', place])).err).toMatch(/parts: has no JSON or YAML file in it; allowed: /)
    writeFileSync(join(place, 'shop.json'), JSON.stringify({ merchants: [{ id: 'm', customers: [{ id: 'c' }] }] }))
    writeFileSync(join(place, 'more.yaml'), 'merchants: [{ id: m, customers: [{ id: d }] }]')
    const { status, out } = await commandHere(['validate', place])
    expect([status, out]).toEqual([
      0,
      expect.stringContaining(`${place}: valid fixtures (merchants: 1, customers: 2)\n`),
    ])
    writeFileSync(join(place, 'wrong.json'), JSON.stringify({ merchants: [{ id: 5 }] }))
    const wrong = await commandHere(['validate', place])
    expect([wrong.status, wrong.err]).toEqual([1, expect.stringContaining('wrong.json:merchants[0].id: is 5; allowed')])
  })

  test('validate warns of what fixtures may hold and hardly anybody means', async () => {
    const wallets = [
      { id: '3d2e3f3e-3b3c-4907-a4fd-e241203440d7', wallet: 'paytm' },
      { id: 'w', wallet: 'PAYTM', linked: true, balance: -5 },
    ]
    const file = write('odd.json', { merchants: [{ id: 'm', customers: [{ id: 'c', wallets }] }] })
    const { status, out } = await commandHere(['validate', file])
    const at = 'merchants[0].customers[0].wallets'
    expect([status, out.trim().split('\n').slice(1)]).toEqual([
      0,
      [
        `${file}:merchants[0]: warning: has no API key, so that no call can reach it`,
        `${file}:${at}[0].wallet: warning: is "paytm", a gateway of no published sample. Did you mean "PAYTM"?`,
        `${file}:${at}[0].id: warning: is a UUID, so that /wallets/{id} is taken for a call of Juicyway; below /juspay it works`,
        `${file}:${at}[1].balance: warning: is -5; no wallet owes money`,
      ],
    ])
    const shipped = join(ROOT, 'fixtures/published.json')
    expect((await commandHere(['validate', shipped])).out.split('\n')).toHaveLength(2)
  })

  test.each(['customers', 'wallets', 'juspayApiKeys'])(
    'validate tells a fixture without merchants by its %s',
    async (list) => {
      const file = write('top.json', { [list]: [] })
      expect(await commandHere(['validate', file])).toEqual({
        status: 1,
        out: '',
        err: `${file}:${list}: is not a field of a file; allowed: {"merchants": [{"id": …, "${list}": …}]}\n`,
      })
    },
  )

  test('a reader that closes the pipe ends a command quietly', async () => {
    const child = spawn(process.execPath, [BIN, 'generate', '--customers', '1000'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let err = ''
    child.stderr.on('data', (chunk) => {
      err += chunk
    })
    const ended = once(child, 'exit')
    await once(child.stdout, 'data')
    child.stdout.destroy()
    expect(await ended).toEqual([0, null])
    expect(err).toBe('')
  })
})
