/** A connection as a test sees it: it tells what the transport tells, when the transport would, and keeps what is written. */
import { type Element, type Stanza, type StreamFault, type StreamHeader, textOfBytes } from '@smacks/codec'
import { type Connection, type ConnectionHandler, xmlStreamFraming } from '@smacks/stream'

export interface Line {
  readonly connection: Connection
  /** What was written since the last call. */
  readonly take: () => string
  /** `open`, or how it ended. */
  readonly state: () => 'closed' | 'destroyed' | 'dropped' | 'lost' | 'open'
  /** A stream header is what has to come next. */
  readonly awaitsHeader: () => boolean
  /** TLS is on. */
  readonly secure: () => boolean
  readonly isEstablished: () => boolean

  // What the peer does. Where the transport would tell nothing of it, nothing is told.

  readonly header: (header: StreamHeader) => void
  readonly element: (element: Element) => void
  readonly stanza: (stanza: Stanza) => void
  /** All that the peer does in it comes in one read. */
  readonly read: (acts: () => void) => void
  readonly closeStream: () => void
  readonly fault: (fault: StreamFault) => void
  readonly lose: () => void
  readonly beSilent: () => void
  readonly drain: () => void
}

type State = 'closed' | 'ended' | 'destroyed' | 'dropped' | 'lost' | 'open'

export const createLine = (
  id: string,
  remoteAddress: string,
  secureFromStart: boolean,
  accept: (connection: Connection) => ConnectionHandler,
): Line => {
  let written = ''
  let state: State = 'open'
  let secure = secureFromStart
  let awaitsHeader = true
  let established = false
  /** What the handler is told once it reads again; nothing while it reads. */
  let held: Array<() => void> | undefined
  const standsStill = (): boolean => state === 'open' || state === 'ended'
  const hears = (): boolean => state === 'open'
  const write = (xml: string): void => {
    if (standsStill()) written += xml
  }

  const connection: Connection & { isReading: boolean } = {
    id,
    isReading: false,
    framing: xmlStreamFraming,
    remoteAddress,
    secure: () => secure,
    channelBinding: () => undefined,
    peerCertificate: () => undefined,
    write,
    writeBytes: bytes => write(textOfBytes(bytes)),
    writeAlone: elements => elements.forEach(write),
    awaitDrain: () => {},
    startTls: proceed => {
      if (secure) throw new Error('TLS is on')
      write(proceed)
      secure = true
      awaitsHeader = true
    },
    restart: () => {
      if (established) throw new Error('restarted after established')
      awaitsHeader = true
    },
    authenticated: () => {},
    charge: () => {},
    pause: () => {
      held ??= []
    },
    resume: () => {
      const waiting = held ?? []
      held = undefined
      for (const tell of waiting) input(tell)
    },
    established: () => {
      established = true
    },
    close: (xml = '') => {
      write(xml + xmlStreamFraming.close)
      if (standsStill()) state = 'closed'
    },
    drop: () => {
      if (standsStill()) state = 'dropped'
    },
    destroy: () => {
      state = 'destroyed'
    },
  }
  const handler = accept(connection)
  const input = (tell: () => void): void => {
    if (held === undefined) tell()
    else held.push(tell)
  }

  const inStream = (tell: () => void): void =>
    input(() => {
      if (hears() && !awaitsHeader) tell()
    })

  return {
    connection,
    take: () => {
      const taken = written
      written = ''
      return taken
    },
    state: () => (state === 'ended' ? 'open' : state),
    awaitsHeader: () => awaitsHeader,
    secure: () => secure,
    isEstablished: () => established,
    header: header =>
      input(() => {
        if (!hears() || !awaitsHeader) return
        awaitsHeader = false
        handler.streamOpened(header)
      }),
    element: element => inStream(() => handler.element(element)),
    stanza: stanza => inStream(() => handler.stanza?.(stanza)),
    read: acts => inOneRead(connection, handler, acts),
    closeStream: () =>
      inStream(() => {
        state = 'ended'
        handler.streamClosed()
      }),
    fault: fault => {
      if (!hears()) return
      state = 'ended'
      handler.faulted(fault)
    },
    lose: () => {
      if (!standsStill()) return
      state = 'lost'
      handler.lost('the line was cut')
    },
    beSilent: () => {
      if (hears()) handler.silent()
    },
    drain: () => {
      if (standsStill()) handler.drained()
    },
  }
}

const inOneRead = (connection: { isReading: boolean }, handler: ConnectionHandler, acts: () => void): void => {
  connection.isReading = true
  acts()
  handler.readEnded?.()
  connection.isReading = false
}
