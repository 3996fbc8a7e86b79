import { connect, type Socket } from 'node:net'

/** What the parent process asks for: `clients` connections, each asking again as soon as it is answered. */
export interface Load {
  readonly port: number
  readonly path: string
  readonly authorization: string
  readonly clients: number
  readonly calls: number
}

/** Milliseconds of each call, as the client measures them. */
export type Measured = readonly number[]

/**
 * Bare sockets, because a client library's own time would be measured with the server's. An answer is whole when its
 * Content-Length has come.
 */
async function measure({ port, path, authorization, clients, calls }: Load): Promise<Measured> {
  const request = Buffer.from(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${authorization}\r\n\r\n`)
  const took: number[] = []
  let begun = 0
  const client = () =>
    new Promise<void>((resolve, reject) => {
      let sentAt = 0
      let answer = ''
      const next = (socket: Socket) => {
        if (begun >= calls) {
          socket.destroy()
          resolve()
          return
        }
        begun++
        answer = ''
        sentAt = performance.now()
        socket.write(request)
      }
      const socket = connect(port, '127.0.0.1', () => next(socket))
      socket.setNoDelay(true)
      socket.on('data', (chunk) => {
        const now = performance.now()
        answer += chunk.toString('latin1')
        if (!isWhole(answer)) return
        took.push(now - sentAt)
        next(socket)
      })
      socket.on('error', reject)
    })
  await Promise.all(Array.from({ length: clients }, client))
  return took
}

function isWhole(answer: string): boolean {
  const head = answer.indexOf('\r\n\r\n')
  if (head < 0) return false
  const length = /content-length: (\d+)/i.exec(answer)
  return answer.length >= head + 4 + Number(length?.[1] ?? 0)
}

process.on('message', (load: Load) => {
  measure(load).then(
    (took) => process.send!(took),
    (error: Error) => {
      process.stderr.write(`${error.message}\n`)
      process.exit(1)
    },
  )
})
