/**
 * The log of a session's life: connected, logged in, bound, enabled, hibernating, resumed or refused, and how it ended; one
 * entry each. The README of the reference server has the table of all entries. What streams see is told by the streams, under the same
 * names; what the core decides is read off its steps here.
 *
 * Nothing is put together for a level that is off. No entry holds what a stanza says, nor any secret.
 */
import type { Stanza } from '@smacks/codec'
import type { ConnectionId, StreamError } from '@smacks/core'
import type { StepMade, Transport } from '@smacks/runtime'
import { type Connection, type Connections, connectionFacts } from '@smacks/stream'
import { nonzasOf, stanzasOf } from './details.js'
import { type Entry, entriesOf, mayTell } from './entries.js'
import type { LeveledLog } from './leveled-log.js'

export interface SessionLog {
  /** Sees each step of the loop. */
  readonly observe: (step: StepMade<Stanza>) => void
  /** The same transport, of which the stream errors are logged as they are sent. */
  readonly logged: (transport: Transport<Stanza>) => Transport<Stanza>
}

export const createSessionLog = (log: LeveledLog, connections: Pick<Connections, 'find'>): SessionLog => {
  /** Before all that a peer chose: a program that reads the log must not take that for an address. */
  const addressed = (connection: ConnectionId | undefined): object => {
    const address = connection === undefined ? undefined : connections.find(connection)?.remoteAddress
    return { ...(address === undefined ? {} : { address }), ...(connection === undefined ? {} : { connection }) }
  }
  /** Whose connections are. */
  const owners = new WeakMap<Connection, object>()
  /** The last addresses of sessions that have no connection, by account and resource. */
  const addresses = new Map<string, string>()

  const tell = (account: string, { name, resource, connection, facts }: Entry): void => {
    const key = `${account}/${resource}`
    const here = connection === undefined ? undefined : connections.find(connection)
    if (name === 'hibernating' && here !== undefined) addresses.set(key, here.remoteAddress)
    const last = connection === undefined ? addresses.get(key) : undefined
    if (here !== undefined && (name === 'bound' || name === 'resumed')) owners.set(here, { account, resource })
    if (name !== 'hibernating' && name !== 'settled' && name !== 'resume refused') addresses.delete(key)
    const where = last === undefined ? addressed(connection) : { address: last }
    log.info({ ...where, account, ...(resource === undefined ? {} : { resource }), ...facts }, name)
  }

  return {
    observe: step => {
      if (!log.isLevelEnabled('info')) {
        // What ends from now on is not seen.
        addresses.clear()
        return
      }
      const { account } = step
      if (mayTell(step)) for (const entry of entriesOf(step)) if (!isOfMany(step, entry)) tell(account, entry)
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
    if (connection === undefined) return
    const { condition, text } = error
    log.info(
      { ...connectionFacts(connection), ...owners.get(connection), condition, ...(text === undefined ? {} : { text }) },
      'stream error sent',
    )
  }
}

/** After a restart all sessions that were connected hibernate at once: whoever recovers them tells how many, in one entry. */
const isOfMany = ({ event }: StepMade<Stanza>, { name }: Entry): boolean =>
  event._tag === 'ServerRestarted' && name === 'hibernating'
