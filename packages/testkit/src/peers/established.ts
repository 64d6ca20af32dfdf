/** A session as it is after `<enabled/>`, with counters where a test wants them. */
import type { Stanza } from '@smacks/codec'
import {
  type Account,
  type ConnectionId,
  type Counter,
  freshOutbound,
  noRequest,
  type Role,
  type SmId,
  type SmVersion,
} from '@smacks/core'
import { some } from '#fp-ts/Option'
import { pairResource } from './peer.js'

export interface Established {
  readonly connection: ConnectionId
  readonly version: SmVersion
  readonly smId: SmId
  /** How long it may hibernate, in seconds. */
  readonly seconds: number
  /** How many stanzas were handled by each, as if so many had gone before. */
  readonly counters: Counters
}

export interface Counters {
  readonly toServer: Counter
  readonly toClient: Counter
}

/** The account of one peer, with a session that is established. */
export const established = (
  role: Role,
  { connection, version, smId, seconds, counters }: Established,
): Account<Stanza> => {
  const [handled, acked] =
    role === 'receiving' ? [counters.toServer, counters.toClient] : [counters.toClient, counters.toServer]
  return {
    sessions: [
      {
        _tag: 'Active',
        resource: pairResource,
        role,
        connection,
        version,
        resumption: some({ smId, seconds }),
        inbound: { handled },
        outbound: { ...freshOutbound, acked },
        unwritten: 0,
        request: noRequest,
        deadlines: { ackDelay: undefined, ackHold: undefined, hibernation: undefined, readProbe: undefined },
        client: 'active',
        usesArchive: false,
      },
    ],
    oldSessions: [],
  }
}
