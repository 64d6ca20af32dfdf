/**
 * The socket that a running server listens on for the command `smacks`. Whoever listens there owns the data folder: no
 * other server starts on it.
 */
import { chmodSync, linkSync, lstatSync, renameSync, rmSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { LineTooLong, linesOf } from '../lines.js'
import { answerTo, type Handler } from './handler.js'
import { fits, longestLine, longestPath } from './protocol.js'

export interface ControlOptions {
  readonly path: string
  /** What it obeys now; a command waits until that is known. */
  readonly handlers: () => ReadonlyArray<Handler> | Promise<ReadonlyArray<Handler>>
  readonly log: ControlLog
  /** How often the socket is looked after, in milliseconds. */
  readonly watchEvery?: number
}

/** Where the operator is told. A pino logger is one. */
export interface ControlLog {
  readonly error: (facts: object, message: string) => void
  readonly warn: (facts: object, message: string) => void
}

export interface Control {
  /** Ends all connections, and the socket. Later calls do nothing. */
  readonly close: () => Promise<void>
}

/** Another process listens at the path, so what the socket stands for is in its hands. */
export class OwnedElsewhere extends Error {
  override readonly name = 'OwnedElsewhere'

  constructor(readonly path: string) {
    super(`another server listens at ${path}`)
  }
}

/** Connections at a time; whoever comes above that is turned away. */
const connectionsAtMost = 8

/** A connection that says nothing for so many milliseconds is closed. */
const idleMilliseconds = 60_000

/** So often the socket is looked after, in milliseconds. */
const watchMilliseconds = 5_000

/**
 * Listens, for the server's own user alone. Rejects with `OwnedElsewhere` if another does already. Where there can be no
 * socket at all, a server serves all the same, and says why. A socket that somebody removes is made anew.
 */
export const openControl = async ({
  path,
  handlers,
  log,
  watchEvery = watchMilliseconds,
}: ControlOptions): Promise<Control> => {
  const sockets = new Set<Socket>()
  const open = (): Server => {
    const server = createServer(socket => {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
      void converse(socket, handlers, log)
    })
    server.maxConnections = connectionsAtMost
    return server
  }
  let server = open()
  const problem = fits(path) ? await listen(server, path) : `the path has more than ${longestPath} bytes`
  if (problem !== undefined)
    log.warn(
      { socket: path, reason: problem },
      'this server cannot be controlled while it runs, nor keep a second one off its data; it serves all the same',
    )
  const tellFailure = (error: Error): void => log.error({ socket: path, err: error }, 'the control socket failed')
  server.on('error', tellFailure)

  const listenAnew = async (): Promise<string | undefined> => {
    // Closing takes away whatever is at the path; so it comes first.
    server.close()
    server = open()
    const failed = await listen(server, path).catch(error => String(error))
    server.on('error', tellFailure)
    return failed
  }
  const watch = problem === undefined ? watchOver(path, watchEvery, listenAnew, log) : undefined
  return {
    close: async () => {
      watch?.stop()
      await watch?.underWay()
      if (!server.listening) return
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

interface Watch {
  readonly stop: () => void
  readonly underWay: () => Promise<void>
}

/** Looks now and then whether the socket is still there, and has it made anew if it is not; says so once. */
const watchOver = (
  path: string,
  every: number,
  listenAnew: () => Promise<string | undefined>,
  log: ControlLog,
): Watch => {
  let own = identityOf(path)
  let told: string | undefined
  let underWay: Promise<void> | undefined

  const look = async (): Promise<void> => {
    if (identityOf(path) === own) return
    const isTaken = await isAlive(path)
    const failed = isTaken ? 'another process listens there' : await listenAnew()
    if (failed === undefined) {
      own = identityOf(path)
      told = undefined
      return log.warn({ socket: path }, 'somebody removed the control socket; it is made anew')
    }
    if (failed === told) return
    told = failed
    log.error({ socket: path, reason: failed }, 'the control socket is gone: commands cannot reach this server')
  }
  const timer = setInterval(() => {
    underWay ??= look().finally(() => {
      underWay = undefined
    })
  }, every).unref()
  return { stop: () => clearInterval(timer), underWay: async () => await underWay }
}

/** Which file is at the path; nothing if there is none. */
const identityOf = (path: string): string | undefined => {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  // The number of a file that is gone may be given to the next one.
  return stats === undefined ? undefined : [stats.dev, stats.ino, stats.birthtimeMs, stats.isSocket()].join(' ')
}

const converse = async (socket: Socket, handlers: ControlOptions['handlers'], log: ControlLog): Promise<void> => {
  const onFault = (error: unknown): void => log.error({ err: error }, 'a fault of ours while a command was obeyed')
  socket.setTimeout(idleMilliseconds, () => socket.destroy())
  // Whoever asked may be gone; that is theirs.
  socket.on('error', () => socket.destroy())
  // What is left to say is said before the socket ends.
  const input = socket.iterator({ destroyOnReturn: false })
  try {
    for await (const line of linesOf(input, longestLine))
      socket.write(`${await answerTo(line, await handlers(), onFault)}\n`)
  } catch (error) {
    if (error instanceof LineTooLong) socket.write(`${JSON.stringify({ refused: error.message })}\n`)
  }
  socket.destroySoon()
}

/** Listens at the path; says why it cannot be. */
const listen = async (server: Server, path: string): Promise<string | undefined> => {
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

/** Nobody can listen there: there is no socket, or a file is in the place of a folder. */
const nobody: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOENT', 'ENOTDIR'])

/** Whether somebody listens there. */
export const isAlive = (path: string): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === undefined || !nobody.has(error.code)))
  })
