import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { InputError } from '../lib/errors.js'
import { plainReason } from '../lib/files.js'
import { setTimeout } from '../lib/timers.js'

const PREFIX = '.lock-'
export const isLock = (name: string) => name.startsWith(PREFIX)

/** The longest socket path that every system takes, in bytes. */
const LONGEST_PATH = 100
const ATTEMPTS = 4

/**
 * Holds a folder for one sandbox. While it lives, the system answers connections to its socket in the folder; once it is
 * killed, the system refuses them. So nothing goes stale, as a process id does, which a container uses again.
 *
 * Each sandbox first listens on a socket of its own and then looks at the others'. So of two that come together, at least
 * one sees the other.
 *
 * @returns frees the folder
 * @throws InputError when another one holds the folder, or the folder cannot be written
 */
export async function lock(folder: string): Promise<() => void> {
  if (process.platform === 'win32') return lockPipe(folder)
  try {
    return await lockAt(folder, folder)
  } catch (error) {
    if (error instanceof InputError) throw error
    // Some mounts of containers know no sockets. Those of the machine's other containers are not seen then.
    if (isWritable(folder)) return lockAt(socketPlace(folder), folder)
    throw new InputError(
      `--data ${folder} cannot be written: ${plainReason(error)}; allowed: a folder this user may write to`,
    )
  }
}

/** Windows has no sockets in folders, but names of which each is one process's. */
async function lockPipe(folder: string): Promise<() => void> {
  try {
    const server = await listenAt(`\\\\.\\pipe\\wallet-sandbox-${hashOf(folder)}`)
    return () => server.close()
  } catch {
    throw isUsed(folder)
  }
}

/** @param place where the sockets are */
async function lockAt(place: string, folder: string): Promise<() => void> {
  for (let attempt = 1; ; attempt++) {
    const name = nameOfLock()
    const server = await atSocket(place, name, listenAt)
    const release = () => {
      server.close()
      try {
        rmSync(join(place, name), { force: true })
      } catch {
        // A socket without a listener blocks no process.
      }
    }
    if (!(await rivals(place, name))) return release
    release()
    if (attempt === ATTEMPTS) throw isUsed(folder)
    // Two that came together both stepped back: whichever returns first has it.
    await new Promise((resolve) => setTimeout(resolve, 10 + Math.random() * 60))
  }
}

const isUsed = (folder: string) =>
  new InputError(
    `--data ${folder} is used by another running sandbox; allowed: a folder of its own for each, or stop the other one`,
  )

const nameOfLock = () => `${PREFIX}${randomBytes(6).toString('hex')}`

function isWritable(folder: string): boolean {
  const file = join(folder, nameOfLock())
  try {
    writeFileSync(file, '')
    rmSync(file)
    return true
  } catch {
    return false
  }
}

const hashOf = (folder: string) => createHash('sha256').update(realpathSync(folder)).digest('hex').slice(0, 16)

/** A folder for the sockets of another one, the same for every process of this user. */
function socketPlace(folder: string): string {
  const place = join(tmpdir(), `wallet-sandbox-${process.getuid?.() ?? 'user'}-${hashOf(folder)}`)
  mkdirSync(place, { recursive: true, mode: 0o700 })
  return place
}

async function listenAt(path: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy())
  await new Promise<void>((ready, reject) => {
    server.once('error', reject)
    server.listen(path, ready)
  })
  server.on('error', () => {})
  server.unref()
  return server
}

/** Whether another one answers. Sockets without a listener are removed: a name is never used twice. */
async function rivals(folder: string, own: string): Promise<boolean> {
  const others = readdirSync(folder).filter((name) => isLock(name) && name !== own)
  const answers = await Promise.all(
    others.map(async (name) => {
      const alive = await atSocket(folder, name, answered)
      if (!alive) rmSync(join(folder, name), { force: true })
      return alive
    }),
  )
  return answers.includes(true)
}

function answered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', (error: NodeJS.ErrnoException) =>
      resolve(!['ECONNREFUSED', 'ENOENT'].includes(error.code ?? '')),
    )
  })
}

/** Calls `act` with a path of a socket that is short enough: its own, the one from here, or through a link for the moment. */
async function atSocket<Result>(folder: string, name: string, act: (path: string) => Promise<Result>): Promise<Result> {
  const absolute = join(resolve(folder), name)
  for (const path of [absolute, relative(process.cwd(), absolute)])
    if (Buffer.byteLength(path) <= LONGEST_PATH) return act(path)
  const place = mkdtempSync(join(tmpdir(), 'ws-'))
  try {
    symlinkSync(resolve(folder), join(place, 'd'))
    return await act(join(place, 'd', name))
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}
