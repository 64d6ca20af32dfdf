/** Since when sessions have their connections: the core knows of those alone that have none. */
import type { ConnectionId, Event, Instant } from '@smacks/core'
import type { StepMade } from '@smacks/runtime'
import type { Connection, Connections } from '@smacks/stream'

export interface SessionTimes {
  /** Sees each step of the loop. */
  readonly observe: (step: Pick<StepMade<unknown>, 'event'>) => void
  /** When the connection became a session's; nothing if it is none's. */
  readonly since: (connection: Connection) => Instant | undefined
}

export const createSessionTimes = (connections: Pick<Connections, 'find'>): SessionTimes => {
  const times = new WeakMap<Connection, Instant>()
  return {
    observe: ({ event }) => {
      const id = takesConnection(event)
      const connection = id === undefined ? undefined : connections.find(id)
      if (connection !== undefined) times.set(connection, event.at)
    },
    since: connection => times.get(connection),
  }
}

/** Of most events nothing is asked but the name. */
const takesConnection = (event: Event<unknown>): ConnectionId | undefined => {
  switch (event._tag) {
    case 'EnableRequested':
    case 'ResumeReceived':
    case 'ResumeRequested':
    case 'SessionBound':
      return event.connection
    default:
      return undefined
  }
}
