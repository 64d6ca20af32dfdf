/** A transport that keeps what was sent, as lines that can be read and compared. */
import type { ConnectionId, Resource } from '@smacks/core'
import type { AccountId, Transport } from '@smacks/runtime'
import { type Label, nonzaLine, streamErrorLine } from './notation.js'

export interface RecordingTransport<A> extends Transport<A> {
  /** A new connection; sending to others does nothing. */
  readonly connect: () => ConnectionId
  /** The writes to a connection, each with its lines. What is buffered is not among them. */
  readonly writes: (connection: ConnectionId) => ReadonlyArray<ReadonlyArray<string>>
  /** The lines of all writes to a connection. */
  readonly lines: (connection: ConnectionId) => ReadonlyArray<string>
  /** True once the connection was closed or dropped and that was flushed. */
  readonly ended: (connection: ConnectionId) => boolean
  /** Connections that were to say when they are drained, in order. */
  readonly drainsAwaited: () => ReadonlyArray<ConnectionId>
  readonly adopted: () => ReadonlyArray<readonly [connection: ConnectionId, account: AccountId, resource: Resource]>
}

interface Recorded {
  readonly buffered: ReadonlyArray<string>
  readonly writes: ReadonlyArray<ReadonlyArray<string>>
  readonly state: 'closing' | 'ended' | 'open'
}

/** Records stanzas by their labels. */
export const recordingTransport = <A>(label: Label<A>): RecordingTransport<A> => {
  const connections = new Map<ConnectionId, Recorded>()
  const awaited: Array<ConnectionId> = []
  const adopted: Array<readonly [ConnectionId, AccountId, string]> = []

  const change = (connection: ConnectionId, changed: (recorded: Recorded) => Recorded): void => {
    const recorded = connections.get(connection)
    if (recorded !== undefined && recorded.state === 'open') connections.set(connection, changed(recorded))
  }
  const buffer = (connection: ConnectionId, line: string): void =>
    change(connection, recorded => ({ ...recorded, buffered: [...recorded.buffered, line] }))
  const writes = (connection: ConnectionId) => connections.get(connection)?.writes ?? []

  return {
    connect: () => {
      const connection = `c${connections.size + 1}`
      connections.set(connection, { buffered: [], writes: [], state: 'open' })
      return connection
    },
    sendStanza: (connection, stanza, _facts, delayedSince) =>
      buffer(connection, `${label(stanza)}${delayedSince === undefined ? '' : ` (since ${stampOf(delayedSince)})`}`),
    sendNonza: (connection, nonza) => {
      if (nonza._tag !== 'Enabled') return buffer(connection, nonzaLine(nonza))
      change(connection, recorded => ({
        buffered: [],
        writes: [...withWrite(recorded), [nonzaLine(nonza)]],
        state: 'open',
      }))
    },
    close: (connection, error) => {
      buffer(connection, error === undefined ? 'close' : `close with ${streamErrorLine(error)}`)
      change(connection, recorded => ({ ...recorded, state: 'closing' }))
    },
    awaitDrain: connection => {
      awaited.push(connection)
    },
    drop: connection => {
      buffer(connection, 'drop')
      change(connection, recorded => ({ ...recorded, state: 'closing' }))
    },
    adopt: (connection, account, resource) => {
      adopted.push([connection, account, resource])
    },
    flush: () => {
      for (const [connection, recorded] of connections)
        connections.set(connection, {
          buffered: [],
          writes: withWrite(recorded),
          state: recorded.state === 'closing' ? 'ended' : recorded.state,
        })
    },
    writes,
    lines: connection => writes(connection).flat(),
    ended: connection => connections.get(connection)?.state === 'ended',
    adopted: () => adopted,
    drainsAwaited: () => awaited,
  }
}

const withWrite = ({ buffered, writes }: Recorded): ReadonlyArray<ReadonlyArray<string>> =>
  buffered.length === 0 ? writes : [...writes, buffered]

const stampOf = (at: number): string => new Date(at).toISOString()
