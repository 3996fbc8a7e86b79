import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, openSync, readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { createServer } from 'node:net'
import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { lineWriter } from '../../src/lib/output.js'
import { BIN } from '../spawn.js'

const run = (argv: readonly string[], stdio: StdioOptions) =>
  spawn(process.execPath, [BIN, ...argv], { env: { PATH: process.env.PATH }, stdio })

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return String(port)
}

/** Asks until the server is there, and then so many times. */
async function ask(port: string, times: number, path = '/wallets/unknown'): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 16 })
  const once = () =>
    new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port, path, agent }, (response) => response.resume().on('end', resolve))
        .on('error', reject)
        .end()
    })
  await expect.poll(() => once().then(() => true)).toBe(true)
  for (let done = 0; done < times; done += 100) await Promise.all(Array.from({ length: 100 }, once))
  agent.destroy()
}

async function stop(child: ChildProcess) {
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const [status] = await ended
  return status
}

const residentMb = ({ pid }: ChildProcess) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024

function errorsOf(child: ChildProcess) {
  const errors = { text: '' }
  child.stderr?.on('data', (piece) => {
    errors.text += piece
  })
  return errors
}

describe('a reader that stops reading', () => {
  test('neither holds the process nor grows its memory, and is told how many lines it missed once it reads again', async () => {
    const port = await freePort()
    const argv = ['--port', port, '--latency', 'off', '--log', 'json', '--journal-size', '0']
    const child = run(argv, ['ignore', 'pipe', 'pipe'])
    const errors = errorsOf(child)
    const path = `/wallets/${'x'.repeat(14_000)}`
    await ask(port, 1000, path)
    const before = existsSync('/proc/self/status') ? residentMb(child) : 0
    await ask(port, 2000, path)
    const after = existsSync('/proc/self/status') ? residentMb(child) : 0
    expect(after - before).toBeLessThan(20)
    let out = ''
    child.stdout!.on('data', (piece) => {
      out += piece
    })
    await expect.poll(() => out).toMatch(/\{"droppedLines":\d+\}\n/)
    const [first, ...lines] = out.trimEnd().split('\n')
    expect(first).toMatch(/^wallet-sandbox listening on /)
    const parsed = lines.map((line) => JSON.parse(line) as { droppedLines?: number })
    const dropped = parsed.reduce((sum, { droppedLines = 0 }) => sum + droppedLines, 0)
    expect(parsed.filter(({ droppedLines }) => droppedLines === undefined).length + dropped).toBe(3003)
    expect({ status: await stop(child), errors: errors.text }).toEqual({ status: 0, errors: '' })
  })

  test('closes the pipe of a server, which goes on', async () => {
    const port = await freePort()
    const child = run(['--port', port, '--latency', 'off'], ['ignore', 'pipe', 'pipe'])
    const errors = errorsOf(child)
    await once(child.stdout!, 'data')
    child.stdout!.destroy()
    await ask(port, 100)
    expect(await stop(child)).toBe(0)
    expect(errors.text).toBe('')
  })
})

test('lines beyond the bound are counted in one line', () => {
  const stream = new PassThrough({ highWaterMark: 10 })
  const write = lineWriter(stream, (lines) => `${lines} dropped\n`)
  const line = `${'x'.repeat(600_000)}\n`
  for (let i = 0; i < 5; i++) write(line)
  let out = ''
  stream.on('data', (piece) => {
    out += piece
  })
  return expect.poll(() => out).toBe(`${line}${line}3 dropped\n`)
})

describe.skipIf(!existsSync('/dev/full'))('standard output that is full', () => {
  test.each([['--version'], ['--help'], ['scenarios'], ['generate', '--customers', '2']])('%s', async (...argv) => {
    const child = run(argv, ['ignore', openSync('/dev/full', 'w'), 'pipe'])
    const errors = errorsOf(child)
    const [status] = await once(child, 'close')
    expect({ status, errors: errors.text }).toEqual({
      status: 1,
      errors:
        'wallet-sandbox: standard output cannot be written: the disk is full; allowed: a terminal, a pipe, or a file with room\n',
    })
  })

  test('a server goes on', async () => {
    const port = await freePort()
    const child = run(['--port', port, '--latency', 'off'], ['ignore', openSync('/dev/full', 'w'), 'pipe'])
    const errors = errorsOf(child)
    await ask(port, 100)
    expect(await stop(child)).toBe(0)
    expect(errors.text).toMatch(/^wallet-sandbox: warning: standard output cannot be written: [^\n]+\n$/)
  })

  test('standard error that is full changes no exit status', async () => {
    const [status] = await once(run(['--prot'], ['ignore', 'ignore', openSync('/dev/full', 'w')]), 'exit')
    expect(status).toBe(2)
  })
})
