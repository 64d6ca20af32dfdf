/**
 * Outgoing links on the real loop, in virtual time, with a network that a test plays: it lets attempts fail or come about,
 * and speaks for the server at the other end.
 */
import { Stanza, stanzaFacts } from '@smacks/codec'
import {
  type Account,
  type Config,
  defaultConfig,
  describeIgnored,
  emptyAccount,
  isMisuse,
  type StanzaFacts,
  step,
} from '@smacks/core'
import { journalMemory } from '@smacks/journal-memory'
import { offlineMemory } from '@smacks/offline-memory'
import { createRuntime, type Runtime } from '@smacks/runtime'
import { type Connection, streamTransport } from '@smacks/stream'
import { createVirtualHost, seededEntropy, type VirtualHost } from '@smacks/testkit'
import { type Either, right } from 'fp-ts/lib/Either.js'
import { expect, onTestFinished } from 'vitest'
import type { DialFailure, Network, Target } from '../../../packages/stream-s2s/src/dial.js'
import { applicationOf, linkApplication } from '../../../packages/stream-s2s/src/link-application.js'
import { isLink } from '../../../packages/stream-s2s/src/link-name.js'
import { createLinks, type LinkRefusal, type Links } from '../../../packages/stream-s2s/src/links.js'
import type { S2sPolicy } from '../../../packages/stream-s2s/src/options.js'
import { createLine, type Line } from '../stream-c2s/line.js'
import { elementOf } from './reading.js'

export const link = 'here.example>there.example'

export interface LinkStageOptions {
  readonly policy?: Partial<S2sPolicy>
  readonly config?: Partial<Config>
  /** What waited when an earlier process ended, so many seconds ago. */
  readonly waitedSince?: number
  /** What the DNS says; one target unless told. */
  readonly resolve?: () => Either<DialFailure, ReadonlyArray<Target>>
}

export interface LinkStage {
  readonly host: VirtualHost
  readonly runtime: Runtime<Stanza>
  readonly links: Links
  /** Gives a message to the link; why not, if it is not taken. */
  readonly send: (body: string, to?: string, from?: string, type?: string) => LinkRefusal | undefined
  /** What came back: the body and why. */
  readonly returned: ReadonlyArray<string>
  /** What the domain was told of links. */
  readonly events: ReadonlyArray<string>
  /** Attempts so far, whatever became of them. */
  readonly attempts: () => number
  /** The attempt that is under way. */
  readonly attempt: () => Attempt
  /** Lets time pass, and what the host does meanwhile happen. */
  readonly pass: (seconds: number) => Promise<void>
  /** The phase of the link's session. */
  readonly phase: () => string | undefined
}

export interface Attempt {
  /** Nobody listens there. */
  readonly fails: () => Promise<void>
  /** The line stands, and nothing was said. */
  readonly comesAbout: () => Peer
  /** The same, and the peer knows who we are and has offered stream management or not. */
  readonly authenticates: (streamManagement?: boolean) => Peer
  /** The same, with a resumable session. */
  readonly begins: (id?: string) => Peer
}

/** The server at the other end of a stream. */
export interface Peer {
  readonly line: Line
  readonly says: (xml: string) => Peer
  /** What came since the last call. */
  readonly hears: () => string
  readonly drops: () => void
  readonly closes: () => void
}

const sm = 'urn:xmpp:sm:3'
export const enabled = (id = 'sm-1'): string => `<enabled xmlns='${sm}' resume='true' id='${id}' max='600'/>`
export const resumed = (h: number, id = 'sm-1'): string => `<resumed xmlns='${sm}' previd='${id}' h='${h}'/>`
export const failed = (h?: number): string => `<failed xmlns='${sm}'${h === undefined ? '' : ` h='${h}'`}/>`
export const ack = (h: number): string => `<a xmlns='${sm}' h='${h}'/>`

/** The bodies in what was sent, in their order. */
export const bodiesIn = (xml: string): ReadonlyArray<string> =>
  [...xml.matchAll(/<body>([^<]*)<\/body>/g)].map(([, body]) => body ?? '')

const policy: S2sPolicy = {
  requireEncryption: false,
  authentication: 'dialback',
  streamManagement: () => true,
  resume: true,
  journalled: true,
  connectSeconds: 30,
  establishSeconds: 60,
  maxWaiting: 3,
  shares: {
    links: 5_000,
    linksPerAccount: 5_000,
    bytesPerLink: 1_000_000,
    bytesPerAccount: 1_000_000,
    bytes: 1_000_000,
  },
}

const target: Target = { host: '192.0.2.1', port: 5269, directTls: false }
/** Whatever waits for promises has happened after so many of their turns. */
const hops = 20

export const openLinks = (options: LinkStageOptions = {}): LinkStage => {
  const host = createVirtualHost(Date.UTC(2026, 0, 1))
  const config: Config = { ...defaultConfig, ...options.config }
  const lines = new Map<string, Line>()
  const pending: Array<Attempt> = []
  const returned: Array<string> = []
  const faults: Array<unknown> = []
  const events: Array<string> = []
  let attempts = 0
  let opened: Links | undefined
  const links = (): Links => {
    if (opened === undefined) throw new Error('the links are not there yet')
    return opened
  }
  onTestFinished(() => expect(faults).toEqual([]))

  const settle = async (): Promise<void> => {
    for (let hop = 0; hop < hops; hop += 1) {
      host.settle()
      await Promise.resolve()
    }
  }
  const network: Network = {
    resolve: async () => (options.resolve ?? (() => right([target])))(),
    connect: (_target, _serverName, accept, fail) => {
      attempts += 1
      const decide = (): void => {
        const at = pending.indexOf(made)
        if (at >= 0) pending.splice(at, 1)
      }
      const made = attemptOf({ host, settle, lines, accept, fail, decide })
      pending.push(made)
      return decide
    },
  }
  const domain = {
    linkLost: (local: string, remote: string, isBlind: boolean) =>
      void events.push(`lost ${local}>${remote}${isBlind ? ' blindly' : ''}`),
    receive: () => {},
    returnFromLink: (stanza: Stanza, _facts: StanzaFacts, condition: string) => {
      returned.push(`${bodiesIn(stanza.xml)[0]}: ${condition}`)
    },
    sendAgain: (stanza: Stanza, facts: StanzaFacts) => {
      const refused = links().send(stanza, { ...facts, again: true })
      if (refused !== undefined) returned.push(`${bodiesIn(stanza.xml)[0]}: ${refused}`)
    },
  }
  const nobody = {
    deliver: () => {},
    returnToSender: () => {},
    redeliver: () => {},
    sessionEnded: () => {},
    mayStoreOffline: () => false,
    changeRefused: () => {},
    recovery: { restore: () => {}, abandoned: () => [], resume: () => {} },
  }
  const lineOf = (id: string): Connection | undefined => lines.get(id)?.connection
  const runtime = createRuntime<Stanza>({
    config,
    accounts: options.waitedSince === undefined ? [] : [[link, waiting(config, host, options.waitedSince)]],
    ports: {
      transport: streamTransport({ find: lineOf, toWrite: lineOf, flush: () => {} }),
      timers: host.timers,
      turns: host.turns,
      clock: host.clock,
      journal: journalMemory<Stanza>({ offline: offlineMemory() }),
      bus: { publish: ({ _tag, account }) => (_tag === 'HibernationStarted' ? links().wake(account) : undefined) },
    },
    application: () => applicationOf(isLink, linkApplication(later(links), domain), nobody),
    onFault: error => faults.push(error),
    // The session is told nothing that it could not have been told.
    onIgnored: (_, __, ignored) => {
      if (isMisuse(ignored)) faults.push(describeIgnored(ignored))
    },
    onStall: error => faults.push(error),
    onRecovery: () => {},
  })
  opened = createLinks({
    domains: ['here.example'],
    policy: { ...policy, ...options.policy },
    isCertified: () => false,
    onFailedServer: () => {},
    keys: { make: () => 'key', isOurs: () => false },
    runtime,
    timers: host.timers,
    clock: host.clock,
    entropy: seededEntropy(1),
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: fault => faults.push(fault) },
    network,
    established: (local, remote) => void events.push(`established ${local}>${remote}`),
  })
  return {
    host,
    runtime,
    links: opened,
    send: (body, to, from, type) => {
      const { stanza, facts } = message(body, to, from, type)
      return links().send(stanza, facts)
    },
    returned,
    events,
    attempts: () => attempts,
    attempt: () => {
      const [first] = pending
      if (first === undefined || pending.length > 1) throw new Error(`${pending.length} attempts are under way`)
      return first
    },
    pass: async seconds => {
      await settle()
      // In small steps, since what happens meanwhile may begin an attempt, which takes turns of promises.
      for (let left = seconds * 1000; left > 0; left -= 250) {
        host.advance(Math.min(left, 250))
        await settle()
      }
      host.advance(0)
      await settle()
    },
    phase: () => runtime.account(link).sessions[0]?._tag,
  }
}

export const message = (
  body: string,
  to = 'juliet@there.example',
  from = 'romeo@here.example/desk',
  type = 'normal',
) => {
  const element = elementOf(`<message type='${type}' from='${from}' to='${to}'><body>${body}</body></message>`)
  return { stanza: Stanza.fromElement(element), facts: stanzaFacts(element) }
}

const waiting = (config: Config, host: VirtualHost, seconds: number): Account<Stanza> => {
  const at = host.clock.now() - seconds * 1000
  const made = step(config)
  const [wanted] = made<Stanza>(emptyAccount, { _tag: 'ConnectionWanted', at, resource: 'stream' })
  return made<Stanza>(wanted, { _tag: 'StanzaSubmitted', at, resource: 'stream', ...message('journalled') })[0]
}

interface Undecided {
  readonly host: VirtualHost
  readonly settle: () => Promise<void>
  readonly lines: Map<string, Line>
  readonly accept: Parameters<Network['connect']>[2]
  readonly fail: (reason: string) => void
  /** It is not under way any more. */
  readonly decide: () => void
}

const attemptOf = ({ host, settle, lines, accept, fail, decide }: Undecided): Attempt => {
  const comesAbout = (): Peer => {
    decide()
    const line = createLine(`s2s-${lines.size + 1}`, '192.0.2.1', false, accept)
    lines.set(line.connection.id, line)
    host.settle()
    return peerOf(host, line)
  }
  const authenticates = (streamManagement = true): Peer => {
    const peer = comesAbout()
    peer.line.header({ xmlns: 'jabber:server', version: '1.0', id: 'stream-1', from: 'there.example' })
    const offer = streamManagement ? `<sm xmlns='${sm}'/>` : ''
    peer.says(`<stream:features><dialback xmlns='urn:xmpp:features:dialback'/>${offer}</stream:features>`)
    peer.hears()
    return peer.says("<db:result from='there.example' to='here.example' type='valid'/>")
  }
  return {
    fails: async () => {
      decide()
      fail('nobody listens')
      await settle()
    },
    comesAbout,
    authenticates,
    begins: id => {
      const peer = authenticates()
      peer.hears()
      return peer.says(enabled(id))
    },
  }
}

const peerOf = (host: VirtualHost, line: Line): Peer => {
  const peer: Peer = {
    line,
    says: xml => {
      line.element(elementOf(xml))
      host.settle()
      return peer
    },
    hears: () => line.take(),
    drops: () => {
      line.lose()
      host.settle()
    },
    closes: () => {
      line.closeStream()
      host.settle()
    },
  }
  return peer
}

/** Links that are made after the loop. */
const later = (links: () => Links): Pick<Links, 'isUnmanaged' | 'recover' | 'wake'> => ({
  wake: id => links().wake(id),
  isUnmanaged: id => links().isUnmanaged(id),
  recover: () => links().recover(),
})
