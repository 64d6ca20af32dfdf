/** The socket as a file: whoever listens at the path owns it, and what a killed server left there is removed. */
import { chmodSync, linkSync, lstatSync, renameSync, rmSync } from 'node:fs'
import { connect, type Server } from 'node:net'

/** Another process listens at the path, so what the socket stands for is in its hands. */
export class OwnedElsewhere extends Error {
  override readonly name = 'OwnedElsewhere'

  constructor(readonly path: string) {
    super(`another server listens at ${path}`)
  }
}

/** Listens at the path; says why it cannot be. */
export const listen = async (server: Server, path: string): Promise<string | undefined> => {
  const first = await tryToListen(server, path)
  if (first === undefined) return undefined
  if (first.code !== 'EADDRINUSE') return first.message
  if (!isSocket(path)) return `${path} is there, and is no socket`
  if (await isAlive(path)) throw new OwnedElsewhere(path)
  await removeDead(path)
  const second = await tryToListen(server, path)
  if (second?.code === 'EADDRINUSE' && (await isAlive(path))) throw new OwnedElsewhere(path)
  return second?.message
}

/**
 * Removes the socket of a server that was killed. Another that starts at the same time may do the same, and may listen
 * already: what is taken away is looked at again before it goes.
 */
const removeDead = async (path: string): Promise<void> => {
  const aside = `${path}.${process.pid}`
  try {
    renameSync(path, aside)
  } catch {
    return // Somebody else was faster.
  }
  if (await isAlive(aside)) {
    linkSync(aside, path)
    rmSync(aside, { force: true })
    throw new OwnedElsewhere(path)
  }
  rmSync(aside, { force: true })
}

const tryToListen = (server: Server, path: string): Promise<NodeJS.ErrnoException | undefined> =>
  new Promise(resolve => {
    const fail = (error: NodeJS.ErrnoException): void => resolve(error)
    server.once('error', fail)
    server.listen(path, () => {
      server.off('error', fail)
      resolve(undefined)
    })
    if (server.listening) chmodSync(path, 0o600)
  })

const isSocket = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true

/** Errors that say that nobody listens there: there is no socket, or a file is in the place of a folder. */
const notListening: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOENT', 'ENOTDIR'])

/** Whether somebody listens there. */
export const isAlive = (path: string): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === undefined || !notListening.has(error.code)),
    )
  })

/** Which file is at the path; nothing if there is none. */
export const identityOf = (path: string): string | undefined => {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  // The number of a file that is gone may be given to the next one.
  return stats === undefined ? undefined : [stats.dev, stats.ino, stats.birthtimeMs, stats.isSocket()].join(' ')
}
