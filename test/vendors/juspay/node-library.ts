import https from 'node:https'
import net from 'node:net'
import { Juspay } from 'expresscheckout-nodejs'
import { vi } from 'vitest'
import type { Sandbox } from '../../../src/index.js'

/**
 * The vendor's own client against a real socket. It speaks HTTPS alone, through an agent it makes itself, and cannot be
 * told a port: so the connections it opens are led to the sandbox's port, where TLS ends before HTTP begins. It sends
 * the API key as it is given: the colon that Basic authentication wants after a user name is the caller's to add.
 */
export async function nodeLibrary(sandbox: Sandbox, key = 'acme_test_key'): Promise<Juspay> {
  const port = Number(new URL(await sandbox.listen()).port)
  vi.spyOn(https.Agent.prototype, 'createConnection').mockImplementation(() => connected(port))
  Juspay.customLogger = Juspay.silentLogger
  return new Juspay({ apiKey: `${key}:`, merchantId: 'acme', baseUrl: 'https://sandbox.juspay.test' })
}

function connected(port: number): net.Socket {
  const socket = net.connect(port, '127.0.0.1')
  return socket.once('connect', () => socket.emit('secureConnect'))
}
