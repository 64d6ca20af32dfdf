/** Two transports as one: clients and servers connect under different limits, and the loop need not know who is who. */
import type { ConnectionId } from '@smacks/core'
import type { Transport } from './ports.js'

/** `ofServers` tells by the id of a connection which of the two has it. */
export const routeTransports = <A>(
  clients: Transport<A>,
  servers: Transport<A>,
  ofServers: (id: ConnectionId) => boolean,
): Transport<A> => {
  const ofConnection = (id: ConnectionId): Transport<A> => (ofServers(id) ? servers : clients)
  return {
    sendStanza: (id, stanza, facts, delayedSince) => ofConnection(id).sendStanza(id, stanza, facts, delayedSince),
    sendNonza: (id, nonza) => ofConnection(id).sendNonza(id, nonza),
    close: (id, error) => ofConnection(id).close(id, error),
    awaitDrain: id => ofConnection(id).awaitDrain(id),
    drop: id => ofConnection(id).drop(id),
    adopt: (id, account, resource) => ofConnection(id).adopt(id, account, resource),
    flush: () => {
      clients.flush()
      servers.flush()
    },
  }
}
