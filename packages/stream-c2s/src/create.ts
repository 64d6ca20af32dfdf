import type { Connection, ConnectionHandler, NegotiationLimits } from '@smacks/stream'
import { ClientStream } from './client-stream.js'
import type { C2sOptions } from './options.js'

export const createC2s = (options: C2sOptions): ((connection: Connection) => ConnectionHandler) => {
  const negotiation: NegotiationLimits = {
    seconds: options.limits.unauthenticatedSeconds,
    elements: options.limits.negotiationElements,
    until: 'a resource was bound',
  }
  return connection => new ClientStream(options, connection, negotiation)
}
