import type { TcpLog } from './log.js'

/** A connection that has output. */
export interface Unsent {
  /** Bytes that have not left. */
  readonly unsent: () => number
  /** Ends the connection, and frees what waits for it. */
  readonly giveUp: (reason: string) => void
}

export interface UnsentTotal {
  /** What the connection has unsent may be more or less than before. */
  readonly changed: (connection: Unsent) => void
  /** The connection is no more. */
  readonly forget: (connection: Unsent) => void
}

/** Whoever gives way makes room for a while, so that not each write has to look for somebody. */
const relief = 0.75

/** Bounds the bytes that are unsent on all connections that tell of themselves. */
export const createUnsentTotal = (limit: number, log: TcpLog): UnsentTotal => {
  const counted = new Map<Unsent, number>()
  let sum = 0

  const count = (connection: Unsent, bytes: number): void => {
    sum += bytes - (counted.get(connection) ?? 0)
    if (bytes === 0) counted.delete(connection)
    else counted.set(connection, bytes)
  }

  /** What has left since is found out only here: nothing tells of each byte that leaves. */
  const recount = (): void => {
    for (const connection of [...counted.keys()]) count(connection, connection.unsent())
  }

  const relieve = (): void => {
    const before = sum
    let given = 0
    for (const [connection, bytes] of [...counted].sort(([, one], [, other]) => other - one)) {
      if (sum <= limit * relief) break
      count(connection, 0)
      given += 1
      connection.giveUp(`${before} bytes wait for all peers, allowed: ${limit}; ${bytes} of them for this one`)
    }
    log.warn(
      `${before} bytes waited for peers that do not read, and max_unsent_size allows ${limit}: ` +
        `the ${given === 1 ? 'connection' : `${given} connections`} with the most ${given === 1 ? 'was' : 'were'} ended.`,
    )
  }

  return {
    changed: connection => {
      count(connection, connection.unsent())
      if (sum <= limit) return
      recount()
      if (sum > limit) relieve()
    },
    forget: connection => count(connection, 0),
  }
}
