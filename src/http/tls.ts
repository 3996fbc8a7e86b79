import { readFileSync } from 'node:fs'
import type { Server as HttpServer, RequestListener, ServerOptions } from 'node:http'
import { createServer } from 'node:https'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import { InputError } from '../lib/errors.js'
import { plainReason } from '../lib/files.js'

export interface Tls {
  createServer(options: ServerOptions, listener: RequestListener): HttpServer
}

/** @throws InputError when one of the two files lacks the other, cannot be read, or they do not match. */
export function readTls(tlsCert: string | undefined, tlsKey: string | undefined): Tls {
  if (tlsCert === undefined) throw new InputError('--tls-key is given without --tls-cert; allowed: both, or neither')
  if (tlsKey === undefined) throw new InputError('--tls-cert is given without --tls-key; allowed: both, or neither')
  const cert = readPem('--tls-cert', tlsCert, 'certificate')
  const key = readPem('--tls-key', tlsKey, 'private key')
  usable({ cert }, `--tls-cert ${tlsCert} holds no certificate that can be used`)
  usable({ key }, `--tls-key ${tlsKey} holds no private key that can be used`)
  usable({ cert, key }, `--tls-key ${tlsKey} is not the key of the certificate ${tlsCert}`)
  return { createServer: (options, listener) => createServer({ ...options, cert, key }, listener) }
}

function readPem(flag: string, file: string, what: string): string {
  try {
    const text = readFileSync(file, 'utf8')
    if (text !== '') return text
    throw new Error('it is empty')
  } catch (error) {
    throw new InputError(`${flag} ${file} cannot be read: ${plainReason(error)}; allowed: a PEM file with a ${what}`)
  }
}

function usable(pair: SecureContextOptions, fault: string): void {
  try {
    createSecureContext(pair)
  } catch (error) {
    throw new InputError(`${fault}: ${(error as Error).message}; allowed: a PEM certificate and its unencrypted key`)
  }
}
