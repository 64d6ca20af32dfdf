/** What both peers are: a runtime over virtual ports, wires, and an application that notes what it was told. */
import { type Stanza, stanzaFacts } from '@smacks/codec'
import {
  type Account,
  type Config,
  type ConnectionId,
  connectionOf,
  type Event,
  type Instant,
  type StanzaFacts,
  sessionOf,
} from '@smacks/core'
import {
  type AccountId,
  type Answer,
  type Asked,
  createRuntime,
  type PageLimits,
  type Question,
  type Runtime,
  type StepMade,
  type Timers,
} from '@smacks/runtime'
import type { Side } from '../link/line.js'
import type { VirtualHost } from '../virtual-host.js'
import { noteInto, type Told } from './application.js'
import { createMemoryStore, type StoredMessage } from './memory-store.js'
import { createWires, type WireHandler, type Wires } from './wires.js'

/** The account that both peers speak of, and the resource of the session between them. */
export const pairAccount: AccountId = 'juliet@example.org'
export const pairResource = 'balcony'
export const pairDomain = 'example.org'

export interface Peer {
  readonly side: Side
  readonly runtime: Runtime<Stanza>
  /** What the application was told, in order. */
  readonly told: ReadonlyArray<Told>
  /** What the offline store holds, in order. */
  readonly stored: ReadonlyArray<StoredMessage<Stanza>>
  /** Changes that are not durable yet. */
  readonly changesUnderWay: () => number
  /** What threw where nothing may: the application, an observer, a port, or the core. */
  readonly faults: ReadonlyArray<Fault>
  /** The keys of the timers that are armed. */
  readonly armed: ReadonlySet<string>
  /** Connections whose line the peer has not closed. */
  readonly openConnections: () => ReadonlyArray<ConnectionId>
  readonly account: () => Account<Stanza>
  /** The connection of the session between the peers, if it has one. */
  readonly connection: () => ConnectionId | undefined
  /** Something happens to the account now. */
  readonly happen: (happening: Happening) => void
  /** The same of a question, whose answer goes to `answer` instead of the transport. */
  readonly ask: (question: WithoutTime<Question>, answer: Answer) => Asked
  /** A stanza is to go to the other peer. The facts are those of the stanza unless told. */
  readonly submit: (stanza: Stanza, facts?: StanzaFacts) => void
}

export interface Fault {
  readonly error: unknown
  readonly where: string
}

/** An event of which the peer knows the time. */
export type Happening = WithoutTime<Event<Stanza>>
type WithoutTime<E> = E extends unknown ? Omit<E, 'at'> : never

export interface PeerOptions {
  readonly side: Side
  readonly config: Config
  readonly host: VirtualHost
  /** What the account is at the beginning. */
  readonly account: Account<Stanza>
  /** What of a queue is sent again at once; two stanzas, or 1,000 characters, unless told. */
  readonly page?: PageLimits
  /** Milliseconds that a commit takes. */
  readonly commitTime: number
  readonly observe?: (step: StepMade<Stanza>) => void
  /** Sees what the core wants to be sent, before it is. */
  readonly onSend?: (connection: ConnectionId, xml: string) => void
  /** Hears the wires; it may use the peer, which is there by then. */
  readonly handler: WireHandler
}

export const createPeer = (options: PeerOptions): { readonly peer: Peer; readonly wires: Wires } => {
  const { side, host, observe } = options
  const told: Array<Told> = []
  const faults: Array<Fault> = []
  const armed = new Set<string>()
  const { now } = host.clock
  const store = createMemoryStore<Stanza>({ host, name: side, commitTime: options.commitTime })
  const wires = createWires({
    turns: host.turns,
    handler: options.handler,
    domain: pairDomain,
    onSend: options.onSend ?? (() => {}),
  })
  const runtime = createRuntime<Stanza>({
    config: options.config,
    sizeOf: stanza => stanza.xml.length,
    page: options.page ?? { stanzas: 2, size: 1_000 },
    accounts: options.account.sessions.length === 0 ? [] : [[pairAccount, options.account]],
    ports: {
      transport: wires.transport,
      timers: ownTimers(host, side, armed),
      turns: host.turns,
      journal: store.journal,
      bus: { publish: () => {} },
      clock: host.clock,
    },
    application: () => noteInto(told),
    ...(observe === undefined ? {} : { observe }),
    onFault: (error, where) => void faults.push({ error, where }),
    onStall: error => void faults.push({ error, where: 'the commit' }),
    onRecovery: () => {},
  })
  const happen = (happening: Happening): void =>
    runtime.dispatch(pairAccount, { ...happening, at: now() } as Event<Stanza> & { readonly at: Instant })
  const peer: Peer = {
    side,
    runtime,
    told,
    stored: store.stored,
    changesUnderWay: store.underWay,
    faults,
    armed,
    openConnections: () => wires.open().map(({ id }) => id),
    account: () => runtime.account(pairAccount),
    connection: () => {
      const session = sessionOf(runtime.account(pairAccount), pairResource)
      return session && connectionOf(session)
    },
    happen,
    ask: (question, answer) => runtime.ask(pairAccount, { ...question, at: now() }, answer),
    submit: (stanza, facts = stanzaFacts(stanza.element)) =>
      happen({ _tag: 'StanzaSubmitted', resource: pairResource, stanza, facts }),
  }
  return { peer, wires }
}

/** Timers of the host under keys of the peer's own, so that two peers can share a host. */
const ownTimers = (host: Pick<VirtualHost, 'timers'>, side: Side, armed: Set<string>): Timers => {
  const own = (key: string): string => `${side}\n${key}`
  return {
    arm: (key, due, fire) => {
      armed.add(key)
      host.timers.arm(own(key), due, () => {
        armed.delete(key)
        fire()
      })
    },
    disarm: key => {
      armed.delete(key)
      host.timers.disarm(own(key))
    },
    stop: () => {
      for (const key of armed) host.timers.disarm(own(key))
      armed.clear()
    },
  }
}
