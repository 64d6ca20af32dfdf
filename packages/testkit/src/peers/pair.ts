/**
 * A client and a server, each the real runtime with the real core, and between them a simulated link over which real
 * XML goes. Nothing waits for a clock: time passes when it is told to.
 */
import type { Stanza } from '@smacks/codec'
import { type Config, type ConnectionId, defaultConfig, emptyAccount, type Instant, type SmVersion } from '@smacks/core'
import type { StepMade } from '@smacks/runtime'
import { type LineEnd, type Side, sides } from '../link/line.js'
import { createLink, type Link } from '../link/link.js'
import { seededEntropy } from '../seeded-entropy.js'
import { createVirtualHost, type VirtualHost } from '../virtual-host.js'
import { utf8 } from './bytes.js'
import { type Counters, established } from './established.js'
import { initiating } from './initiating.js'
import { bindRequest, clientHeader } from './negotiation.js'
import { createPeer, type Peer, pairDomain } from './peer.js'
import { receiving } from './receiving.js'

export interface PeersOptions {
  /** The defaults of the core unless told. */
  readonly config?: Readonly<Partial<Record<Side, Config>>>
  /** What the client asks for; `urn:xmpp:sm:3`, with resumption for as long as there is, unless told. */
  readonly version?: SmVersion
  readonly resume?: boolean
  /** Seconds. */
  readonly max?: number
  /** Where virtual time begins; 0 unless told. */
  readonly start?: Instant
  /** Milliseconds until what is written now arrives at this side. Without it nothing arrives but what is carried. */
  readonly delay?: (to: Side) => number
  /** Milliseconds that a commit takes; 0, done at once, unless told. */
  readonly commitTime?: number
  /** Begins with an established session, whose line is `line-1`, and in which so many stanzas went before. */
  readonly counters?: Counters
  /** The seed of the SM-IDs; 1 unless told. */
  readonly seed?: number
  readonly observe?: (side: Side, step: StepMade<Stanza>) => void
  /** Sees the XML that a core wants to be sent, before it is. What it throws is a fault of that peer. */
  readonly onSend?: (side: Side, connection: ConnectionId, xml: string) => void
}

export interface Peers {
  readonly client: Peer
  readonly server: Peer
  readonly link: Link
  readonly host: VirtualHost
  /** The client goes over to a new line, and resumes its session or binds; the line it had may still stand. */
  readonly dial: () => void
  /** The client says whether anybody looks at the screen (XEP-0352). */
  readonly saySight: (state: 'active' | 'inactive') => void
  /** The line that the client dialled last is open as far as it knows. */
  readonly isOnline: () => boolean
  /** Somebody else dials the server and writes this behind a stream header; what comes back is thrown away. */
  readonly intrude: (xml: string) => ConnectionId
  /** The same, and what is written asks for the client's resource. */
  readonly usurp: () => ConnectionId
  /** Lets all that is in flight arrive, and what is sent in answer, until nothing is. No time passes. */
  readonly flow: () => void
}

/** After so many rounds of all that is in flight, two peers that still talk will never stop. */
const roundLimit = 10_000

export const createPeers = (options: PeersOptions = {}): Peers => {
  const host = createVirtualHost(options.start)
  const entropy = seededEntropy(options.seed ?? 1)
  const { version = 'urn:xmpp:sm:3', resume = true, max, delay } = options
  const asking = initiating(() => client, { version, resume, ...(max === undefined ? {} : { max }) })
  const accounts = beginnings(options, version)
  const { observe, onSend } = options
  const shared = (side: Side) => ({
    side,
    host,
    config: options.config?.[side] ?? defaultConfig,
    account: accounts[side],
    commitTime: options.commitTime ?? 0,
    ...(observe === undefined ? {} : { observe: (step: StepMade<Stanza>) => observe(side, step) }),
    ...(onSend === undefined ? {} : { onSend: (id: ConnectionId, xml: string) => onSend(side, id, xml) }),
  })
  const client = createPeer({ ...shared('client'), handler: asking.handler })
  const answering = receiving(() => server, entropy)
  const server = createPeer({ ...shared('server'), handler: answering.handler })
  const link = createLink({ host, accept: answering.accept, ...(delay === undefined ? {} : { delay }) })
  if (options.counters !== undefined) asking.adopt(link.dial())

  const flow = (): void => {
    host.settle()
    for (let round = 0; round < roundLimit; round += 1) {
      const busy = link.lines().filter(line => sides.some(side => !line.isQuiet(side)))
      if (busy.length === 0) return
      for (const line of busy)
        for (const side of sides) {
          line.carry(side)
          host.settle()
        }
    }
    throw new Error(`the peers exchanged ${roundLimit} rounds and still have something to say`)
  }

  return {
    client: client.peer,
    server: server.peer,
    link,
    host,
    flow,
    dial: () => asking.dial(link.dial()),
    saySight: asking.saySight,
    isOnline: asking.isOnline,
    intrude: xml => intrude(link.dial(), xml),
    usurp: () => intrude(link.dial(), bindRequest),
  }
}

const beginnings = (options: PeersOptions, version: SmVersion) => {
  const { counters } = options
  if (counters === undefined) return { client: emptyAccount, server: emptyAccount }
  const seconds = (options.config?.server ?? defaultConfig).hibernationTime
  const session = { connection: 'line-1', version, smId: 'first', seconds, counters }
  return { client: established('initiating', session), server: established('receiving', session) }
}

/** Closes its line when the server does, and hears nothing. */
const intrude = (end: LineEnd, xml: string): ConnectionId => {
  end.listen({ received: () => {}, ended: end.end, lost: () => {} })
  end.write(utf8(`${clientHeader(pairDomain)}${xml}`))
  return end.id
}
