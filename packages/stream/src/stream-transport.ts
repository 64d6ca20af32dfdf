/** The port `Transport` of the loop on connections, whatever their streams are framed in. */
import { domainpartOf, encodeNonza, type Stanza, withDelay } from '@smacks/codec'
import type { ConnectionId, Nonza } from '@smacks/core'
import type { AccountId, Transport } from '@smacks/runtime'
import type { Connection } from './connection.js'

/** The connections of a transport, found by their ids. */
export interface Connections {
  /** Nothing once the connection is no more. */
  readonly find: (id: ConnectionId) => Connection | undefined
  /** The same; what is written to it until the next `flush` leaves then, in one write. */
  readonly toWrite: (id: ConnectionId) => Connection | undefined
  /** Has what was written to all that `toWrite` found leave, in one write each. */
  readonly flush: () => void
}

/** How delays are stamped. */
export interface StreamTransportOptions {
  /** The entity that delayed an account's stanzas (XEP-0203 `from`); by default the account's domain. */
  readonly delayFrom?: (account: AccountId) => string
}

/**
 * What the loop sends goes to these connections. A stanza that is sent again states since when it was delayed. An `<r/>` comes
 * behind all stanzas of its write, so that one `<a/>` covers them all; before them it would be answered for the first one
 * alone, and asked again for the rest.
 */
export const streamTransport = (
  connections: Connections,
  { delayFrom = domainpartOf }: StreamTransportOptions = {},
): Transport<Stanza> => {
  /** Whose session a connection carries, once that was resumed. */
  const adopted = new WeakMap<Connection, AccountId>()
  const requests = new Map<Connection, Nonza>()
  const writeRequest = (connection: Connection): void => {
    const request = requests.get(connection)
    if (request === undefined) return
    requests.delete(connection)
    writeNonza(connection, request)
  }
  return {
    sendStanza: (id, stanza, facts, delayedSince) => {
      const connection = connections.toWrite(id)
      if (connection === undefined) return
      const account = delayedSince === undefined ? undefined : adopted.get(connection)
      if (delayedSince === undefined || account === undefined) connection.writeBytes(stanza.bytes)
      else connection.writeBytes(withDelay(stanza, facts, delayFrom(account), delayedSince).bytes)
    },
    sendNonza: (id, nonza) => {
      const connection = connections.toWrite(id)
      if (connection === undefined) return
      if (nonza._tag === 'Request') requests.set(connection, nonza)
      else writeNonza(connection, nonza)
    },
    close: (id, error) => {
      const connection = connections.find(id)
      if (connection === undefined) return
      writeRequest(connection)
      connection.close(error && connection.framing.error(error))
    },
    awaitDrain: id => connections.toWrite(id)?.awaitDrain(),
    drop: id => {
      const connection = connections.find(id)
      if (connection === undefined) return
      writeRequest(connection)
      connection.drop()
    },
    adopt: (id, account) => {
      const connection = connections.find(id)
      if (connection !== undefined) adopted.set(connection, account)
    },
    flush: () => {
      if (requests.size > 0) for (const connection of requests.keys()) writeRequest(connection)
      connections.flush()
    },
  }
}

/** `<enabled/>` leaves alone, since some clients reset their counters a moment after it. */
export const writeNonza = (connection: Connection, nonza: Nonza): void => {
  const xml = encodeNonza(nonza)
  if (nonza._tag === 'Enabled') connection.writeAlone([xml])
  else connection.write(xml)
}
