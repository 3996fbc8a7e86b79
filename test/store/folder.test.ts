import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createSandbox, type InputError, type Options, type Sandbox } from '../../src/index.js'
import { AUTHORISED, fixturesOf } from './customers.js'

const place = mkdtempSync(join(tmpdir(), 'folder-'))
afterAll(() => rmSync(place, { recursive: true, force: true }))
const fresh = () => join(mkdtempSync(join(place, 'f-')), 'data')

const OPTIONS: Options = { fixtures: fixturesOf(8), latency: 'off', tokenTtl: 0, clock: '2023-01-01T00:00:00Z' }
const open = (data: string) => createSandbox({ ...OPTIONS, data })
const token = async (sandbox: Sandbox, wallet = 'wlt_0') =>
  ((await (await sandbox.fetch(`http://x/wallets/${wallet}`, { headers: AUTHORISED })).json()) as { token: string })
    .token

/** Every file of a folder and its content. */
function contents(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return Object.fromEntries(
    files.map(({ parentPath, name }) => [join(parentPath, name), readFileSync(join(parentPath, name), 'utf8')]),
  )
}

const files = (folder: string) => Object.keys(contents(folder))
const merchantFile = (folder: string) => files(folder).find((file) => /\.[0-9a-f]{16}\.json$/.test(file))!

/** A folder with a change of one customer in it. */
async function used(): Promise<string> {
  const folder = fresh()
  await using sandbox = await open(folder)
  await token(sandbox)
  return folder
}

async function refusal(folder: string): Promise<string> {
  const error = await open(folder).then(
    async (sandbox) => {
      await sandbox.close()
      throw new Error('opened')
    },
    (fault: InputError) => fault,
  )
  expect(error.name).toBe('InputError')
  expect(error.lines).toHaveLength(1)
  return error.message.replaceAll(folder, 'DATA')
}

describe('folders that cannot be used are left as they are, with one sentence', () => {
  const break_ = (file: string, change: (text: string) => string) =>
    writeFileSync(file, change(readFileSync(file, 'utf8')))
  const cases: [string, (folder: string) => void, RegExp][] = [
    [
      'a file cut short',
      (f) => break_(merchantFile(f), (text) => text.slice(0, 90)),
      /^DATA\/merchants\/acme\.\w{16}\.json.*: is not JSON/,
    ],
    ['an empty file', (f) => break_(merchantFile(f), () => ''), /\.json:1:1: is not JSON: .*allowed: one JSON value/],
    [
      'a file of another form',
      (f) => break_(merchantFile(f), (text) => text.replace('"linked":true', '"linked":"yes"')),
      /customers\[0\]\.wallets\[0\]\.linked: is "yes"; allowed: true or false/,
    ],
    [
      'a file with a list in it',
      (f) => break_(merchantFile(f), () => '[]'),
      /\.json:\(top\): is \[\]; allowed: an object/,
    ],
    [
      'a customer twice',
      (f) => break_(merchantFile(f), (text) => text.replace(/"customers":\[\n(.*)\n\]/, '"customers":[$1,$1]')),
      /customers\[1\]\.id: is "cst_0" twice/,
    ],
    [
      'a damaged record',
      (f) => break_(merchantFile(f), (text) => text.replace('fixtures', 'fixture')),
      /\.json:record\.base: is "fixture"; allowed: "fixtures", "own"/,
    ],
    [
      'a file of another merchant',
      (f) => break_(merchantFile(f), (text) => text.replace('acme', 'globex')),
      /record\.merchant\.id: is "globex", whose file is globex\./,
    ],
    [
      "a stranger's file",
      (f) => writeFileSync(join(f, 'merchants', 'notes.txt'), 'mine'),
      /^DATA\/merchants\/notes\.txt: is not a merchant's file; allowed: what a sandbox has written there/,
    ],
    [
      'a folder in the place of a file',
      (f) => mkdirSync(join(f, 'merchants', 'm.0123456789abcdef.json')),
      /m\.0123456789abcdef\.json: is not a file/,
    ],
    [
      'a pipe in the place of a file',
      (f) => execFileSync('mkfifo', [join(f, 'merchants', 'm.0123456789abcdef.json')]),
      /m\.0123456789abcdef\.json: is not a file/,
    ],
    [
      'a link in the place of a file',
      (f) => symlinkSync('/nowhere', join(f, 'merchants', 'm.0123456789abcdef.json')),
      /m\.0123456789abcdef\.json: is not a file/,
    ],
    [
      'a pipe in the place of the marker',
      (f) => {
        rmSync(join(f, 'wallet-sandbox.json'))
        execFileSync('mkfifo', [join(f, 'wallet-sandbox.json')])
      },
      /wallet-sandbox\.json: is not a file/,
    ],
    [
      'a file in the place of the folder of merchants',
      (f) => {
        rmSync(join(f, 'merchants'), { recursive: true })
        writeFileSync(join(f, 'merchants'), '')
      },
      /--data DATA\/merchants cannot be used: it is not a folder/,
    ],
    [
      'a damaged marker',
      (f) => break_(join(f, 'wallet-sandbox.json'), () => '{'),
      /^DATA\/wallet-sandbox\.json.*: is not JSON/,
    ],
    [
      'a later format',
      (f) => break_(join(f, 'wallet-sandbox.json'), () => '{"format":2}'),
      /format: is 2, of a later version; allowed: at most 1/,
    ],
    [
      'a lost marker',
      (f) => rmSync(join(f, 'wallet-sandbox.json')),
      /^--data DATA holds other things \("merchants"\) and no wallet-sandbox\.json/,
    ],
  ]
  test.each(cases)('%s', async (_, damage, sentence) => {
    const folder = await used()
    damage(folder)
    const before = contents(folder)
    expect(await refusal(folder)).toMatch(sentence)
    expect(contents(folder)).toEqual(before)
  })

  test('a foreign folder', async () => {
    const folder = fresh()
    mkdirSync(folder)
    writeFileSync(join(folder, 'thesis.txt'), 'mine')
    expect(await refusal(folder)).toMatch(/holds other things \("thesis\.txt"\).*allowed: an empty folder/)
    expect(contents(folder)).toEqual({ [join(folder, 'thesis.txt')]: 'mine' })
  })

  test('a file', async () => {
    const folder = fresh()
    writeFileSync(folder, 'mine')
    expect(await refusal(folder)).toMatch(/cannot be used: it is not a folder/)
    expect(await refusal(join(folder, 'below'))).toMatch(/cannot be used: it is not a folder/)
  })

  test.each(['/sys', '/proc'])(
    'one that nobody may make: the system keeps %s to itself, even from root',
    async (system) => {
      expect(await refusal(join(system, 'wallet-sandbox', 'data'))).toMatch(
        /^--data DATA cannot be used: .*allowed: a folder this user may write to/,
      )
    },
  )
})

describe('folders that can be used', () => {
  test('a new one, below folders that are not there', async () => {
    const folder = join(fresh(), 'a', 'b')
    await using sandbox = await open(folder)
    await token(sandbox)
    expect(files(folder)).toHaveLength(2)
  })

  test('an empty one, and one that was killed before it was marked', async () => {
    const folder = fresh()
    mkdirSync(join(folder, 'lost+found'), { recursive: true })
    writeFileSync(join(folder, '.wallet-sandbox.json.tmp'), '{"for')
    await using sandbox = await open(folder)
    expect(await token(sandbox)).toMatch(/^tok_/)
  })

  test('a temporary file that a killed process left behind is removed', async () => {
    const folder = await used()
    const before = contents(folder)
    writeFileSync(join(folder, 'merchants', '.acme.0123456789abcdef.json.tmp'), '{')
    await (await open(folder)).close()
    expect(contents(folder)).toEqual(before)
  })

  test('one as the first version of the format wrote it', async () => {
    const folder = fresh()
    cpSync(fileURLToPath(new URL('format-1', import.meta.url)), folder, { recursive: true })
    await using sandbox = await createSandbox({ latency: 'off', clock: '2023-01-01T00:00:00Z', data: folder })
    expect(await token(sandbox, 'wlt_q23xzki3pazgtezo')).toBe('tok_from_format_one_')
    const made = { authorization: `Bearer sandbox_made` }
    expect(
      (await sandbox.fetch('http://x/juicyway/wallets/00000000-0000-4000-8000-000000000000', { headers: made })).status,
    ).toBe(404)
    const revoked = { authorization: 'Bearer test_acme_masked' }
    const response = await sandbox.fetch('http://x/juicyway/wallets/1', { headers: revoked })
    expect([response.status, response.headers.get('x-sandbox-reason')]).toEqual([
      401,
      expect.stringContaining('The API key is revoked.'),
    ])
  })
})

describe('one sandbox at a time', () => {
  test('a second is refused while the first lives, and not afterwards', async () => {
    const folder = fresh()
    const first = await open(folder)
    expect(await refusal(folder)).toBe(
      '--data DATA is used by another running sandbox; allowed: a folder of its own for each, or stop the other one',
    )
    await first.close()
    await (await open(folder)).close()
  })

  test('on Windows by a pipe, whose name is the folder’s alone', async () => {
    const folder = fresh()
    const names: string[] = []
    const listen = vi.spyOn(Server.prototype, 'listen').mockImplementation(function (this: Server, path: unknown) {
      names.push(String(path))
      const isTaken = names.indexOf(String(path)) < names.length - 1
      queueMicrotask(() => (isTaken ? this.emit('error', new Error('EADDRINUSE')) : this.emit('listening')))
      return this.once('listening', listen.mock.lastCall!.at(-1) as never)
    })
    const platform = vi.spyOn(process, 'platform', 'get').mockReturnValue('win32')
    onTestFinished(() => {
      listen.mockRestore()
      platform.mockRestore()
    })
    const first = await open(folder)
    expect(await refusal(folder)).toMatch(/used by another running sandbox/)
    const other = await open(fresh())
    expect(names).toEqual([names[0], names[0], expect.not.stringContaining(names[0]!)])
    expect(names[0]).toMatch(/^\\\\\.\\pipe\\wallet-sandbox-[\da-f]{16}$/)
    await Promise.all([first.close(), other.close()])
  })

  test('of five that come at once, one at most has it', async () => {
    const folder = fresh()
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => open(folder)))
    const opened = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    expect(opened.length).toBeLessThanOrEqual(1)
    for (const sandbox of opened) await sandbox.close()
    await (await open(folder)).close()
  })

  test('a socket whose process was killed does not count', async () => {
    const folder = fresh()
    mkdirSync(folder)
    const script = `require('node:net').createServer().listen(${JSON.stringify(join(folder, '.lock-000000000000'))}, () => console.log())`
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    expect(await refusal(folder)).toMatch(/used by another running sandbox/)
    child.kill('SIGKILL')
    await once(child, 'close')
    expect(existsSync(join(folder, '.lock-000000000000'))).toBe(true)
    await (await open(folder)).close()
    expect(readdirSync(folder)).toEqual(['merchants', 'wallet-sandbox.json'])
  })

  test('in a folder of a file system that knows no sockets', async () => {
    const folder = fresh()
    mkdirSync(folder)
    const { listen } = Server.prototype
    const bind = vi.spyOn(Server.prototype, 'listen').mockImplementation(function (this: Server, ...args: unknown[]) {
      const refused = String(args[0]).startsWith(folder)
      if (refused) process.nextTick(() => this.emit('error', Object.assign(new Error('listen'), { code: 'ENOTSUP' })))
      return refused ? this : listen.apply(this, args as never)
    })
    onTestFinished(() => bind.mockRestore())
    const first = await open(folder)
    expect(await refusal(folder)).toMatch(/used by another running sandbox/)
    expect(readdirSync(folder).filter((name) => name.startsWith('.lock'))).toEqual([])
    await first.close()
    await (await open(folder)).close()
  })

  test('in a folder whose path is longer than a socket may have', async () => {
    const folder = join(fresh(), 'x'.repeat(100), 'y'.repeat(100))
    const first = await open(folder)
    expect(await refusal(folder)).toMatch(/used by another running sandbox/)
    await first.close()
    await (await open(folder)).close()
  })
})
