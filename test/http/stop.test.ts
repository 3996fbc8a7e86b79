import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as tlsConnect } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createSandbox } from '../../src/index.js'

const sample = (name: string) => fileURLToPath(new URL(`tls/${name}`, import.meta.url))
const certificate = { tlsCert: sample('cert.pem'), tlsKey: sample('key.pem') }
const HEAD = 'Host: x\r\nAuthorization: Basic YWNtZV90ZXN0X2tleTo=\r\n'
const LIST = '/customers/guest_user/wallets'

/** What a client has sent when the sandbox is stopped. */
const SENT: Record<string, string> = {
  nothing: '',
  'half a head': `GET ${LIST} HTTP/1.1\r\n${HEAD}`,
  'half a body': `POST ${LIST} HTTP/1.1\r\n${HEAD}Content-Length: 100\r\n\r\ncommand=`,
  CONNECT: 'CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n',
  'an upgrade': `GET ${LIST} HTTP/1.1\r\n${HEAD}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
  'a request, and keeps the connection': `GET ${LIST} HTTP/1.1\r\n${HEAD}\r\n`,
}

describe.each(['http', 'https'])('over %s, a stop within 2 s closes a connection that sent', (scheme) => {
  const open = async () => {
    const sandbox = await createSandbox({ scenario: 'instant', ...(scheme === 'https' && certificate) })
    onTestFinished(() => sandbox.close())
    return { sandbox, port: Number(new URL(await sandbox.listen()).port) }
  }
  const stops = async (sandbox: Awaited<ReturnType<typeof open>>['sandbox'], socket: Socket) => {
    const closed = once(socket, 'close')
    const begun = performance.now()
    await sandbox.close()
    expect(performance.now() - begun).toBeLessThan(2000)
    await closed
  }

  test.concurrent.each(Object.entries(SENT))('%s', { retry: 4 }, async (_, sent) => {
    const { sandbox, port } = await open()
    const at = { port, host: '127.0.0.1', rejectUnauthorized: false }
    const socket = scheme === 'https' ? tlsConnect(at) : connect(at)
    socket.on('error', () => {}).on('data', () => {})
    await once(socket, scheme === 'https' ? 'secureConnect' : 'connect')
    await new Promise((resolve) => socket.write(sent, resolve))
    await stops(sandbox, socket)
  })

  test('half a TLS hello', { retry: 4 }, async () => {
    const { sandbox, port } = await open()
    const socket = connect(port, '127.0.0.1')
      .on('error', () => {})
      .on('data', () => {})
    await once(socket, 'connect')
    await new Promise((resolve) => socket.write(Buffer.from('1603010200', 'hex'), resolve))
    await stops(sandbox, socket)
  })
})
