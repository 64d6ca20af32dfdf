/**
 * The socket that a running server listens on for the command `smacks`. Whoever listens there owns the data folder: no
 * other server starts on it.
 */
import { createServer, type Server, type Socket } from 'node:net'
import { type ControlLog, converse } from './conversation.js'
import type { Handler } from './handler.js'
import { fits, longestPath } from './protocol.js'
import { listen } from './socket-file.js'
import { watchOver } from './watch.js'

export interface ControlOptions {
  readonly path: string
  /** What it obeys now; a command waits until that is known. */
  readonly handlers: () => ReadonlyArray<Handler> | Promise<ReadonlyArray<Handler>>
  readonly log: ControlLog
  /** How often the socket is looked after, in milliseconds. */
  readonly watchEvery?: number
}

export interface Control {
  /** Ends all connections, and the socket. Later calls do nothing. */
  readonly close: () => Promise<void>
}

/** Connections at a time; whoever comes above that is turned away. */
const connectionsAtMost = 8

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
