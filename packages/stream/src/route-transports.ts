/** Two transports as one: clients and servers connect under different limits, and the loop need not know who is who. */
import type { ConnectionId } from '@smacks/core'
import type { Connections } from './stream-transport.js'

/** `ofServers` tells by the id of a connection which of the two has it. */
export const routeTransports = (
  clients: Connections,
  servers: Connections,
  ofServers: (id: ConnectionId) => boolean,
): Connections => ({
  find: id => (ofServers(id) ? servers : clients).find(id),
  toWrite: id => (ofServers(id) ? servers : clients).toWrite(id),
  flush: () => {
    clients.flush()
    servers.flush()
  },
})
