/**
 * The log of a session's life: connected, logged in, bound, enabled, hibernating, resumed or refused, and how it ended; one
 * entry each. The README of this app has the table of all entries. What streams see is told by the streams, under the same
 * names; what the core decides is read off its steps here.
 *
 * Nothing is put together for a level that is off. No entry holds what a stanza says, nor any secret.
 */
import type { Stanza } from '@smacks/codec'
import type { ConnectionId, StreamError } from '@smacks/core'
import type { StepMade, Transport } from '@smacks/runtime'
import { type Connections, streamErrorFacts } from '@smacks/stream'
import type { Logger } from 'pino'
import { nonzasOf, stanzasOf } from './details.js'
import { type Entry, entriesOf, mayTell } from './entries.js'

export interface SessionLog {
  /** Sees each step of the loop. */
  readonly observe: (step: StepMade<Stanza>) => void
  /** The same transport, of which the stream errors are logged as they are sent. */
  readonly logged: (transport: Transport<Stanza>) => Transport<Stanza>
}

export const createSessionLog = (log: Logger, connections: Pick<Connections, 'find'>): SessionLog => {
  /** Before all that a peer chose: a program that reads the log must not take that for an address. */
  const addressed = (connection: ConnectionId | undefined): object => {
    const address = connection === undefined ? undefined : connections.find(connection)?.remoteAddress
    return { ...(address === undefined ? {} : { address }), ...(connection === undefined ? {} : { connection }) }
  }
  const tell = (account: string, { name, resource, connection, facts }: Entry): void =>
    log.info({ ...addressed(connection), account, ...(resource === undefined ? {} : { resource }), ...facts }, name)

  return {
    observe: step => {
      if (!log.isLevelEnabled('info')) return
      const { account } = step
      if (mayTell(step)) for (const entry of entriesOf(step)) tell(account, entry)
      if (!log.isLevelEnabled('debug')) return
      for (const nonza of nonzasOf(step)) log.debug({ account }, nonza)
      if (log.isLevelEnabled('trace')) for (const stanza of stanzasOf(step)) log.trace({ account }, stanza)
    },
    logged: transport => ({
      ...transport,
      close: (connection, error) => {
        if (error !== undefined && log.isLevelEnabled('info')) tellSent(connection, error)
        transport.close(connection, error)
      },
    }),
  }

  function tellSent(id: ConnectionId, error: StreamError): void {
    const connection = connections.find(id)
    if (connection !== undefined) log.info(streamErrorFacts(connection, error), 'stream error sent')
  }
}
