import type { Server } from 'node:http'
import { InputError } from '../lib/errors.js'

/** @returns the origin, such as `http://127.0.0.1:8080` @throws InputError when the port or the address cannot be had */
export async function listenAt(
  server: Server,
  { port, host }: { readonly port: number; readonly host: string },
  scheme = 'http',
): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new InputError(listenFault(error, host, port))))
    server.listen(port, host, resolve)
  })
  const address = server.address()
  const bound = typeof address === 'object' && address !== null ? address.port : port
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${bound}`
}

function listenFault({ code, message }: NodeJS.ErrnoException, host: string, port: number): string {
  if (code === 'EADDRINUSE')
    return `--port ${port} is taken by another process on ${host}; allowed: a free port, or 0 to pick one`
  if (code === 'EACCES') return `--port ${port} is not open to this user; allowed: a port from 1024`
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return `--host ${host} is not an address of this machine; allowed: 127.0.0.1, 0.0.0.0, or one it has`
  return `--host ${host} --port ${port} cannot be listened on: ${message}`
}
