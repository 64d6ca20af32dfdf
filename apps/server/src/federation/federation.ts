/** Streams to and from other servers, as the rest of the server sees them. */

import type { LoadedTls } from '@smacks/certificates'
import type { Stanza } from '@smacks/codec'
import { type InstantMessaging, type Remotes, unreachable } from '@smacks/im'
import type { Application, Clock, Runtime, Timers } from '@smacks/runtime'
import {
  addressIn,
  applicationOf,
  certificateFault,
  createLinks,
  dialbackKeys,
  dnsName,
  IncomingStream,
  isLink,
  isPublicAddress,
  linkApplication,
  type Network,
  readLink,
  type S2sOptions,
  serverHeader,
} from '@smacks/stream-s2s'
import { createEntropy } from '@smacks/timers-host'
import { createTcpTransport, type TcpTransport, type UnsentTotal } from '@smacks/transport-tcp'
import type { Logger } from 'pino'
import type { Settings } from '../config/current.js'
import type { ServerConfig } from '../config/server-config.js'
import { refusalOf, transportLimits, transportReports } from '../transport-options.js'
import { createResolver, hostDns } from './dns-resolver.js'

/** What was read from files before anything runs. */
export interface FederationSecrets {
  /** Of dialback keys. */
  readonly dialback: string
  /** Certificates in PEM of authorities that are trusted, besides the well-known ones. */
  readonly authorities: ReadonlyArray<string>
}

export interface FederationOptions extends FederationSecrets {
  readonly config: ServerConfig
  readonly settings: Settings
  readonly tls: LoadedTls
  readonly log: Logger
  readonly clock: Clock
  readonly timers: Timers
  /** What is unsent on all connections, those of clients included. */
  readonly unsent: UnsentTotal
  readonly onFailedServer: S2sOptions['onFailedServer']
}

export interface Federation {
  /** Its connections have ids of their own. */
  readonly transport: TcpTransport
  readonly remotes: Remotes
  /** Joins it with the runtime that it dispatches to, and with the domain that takes what comes: once, before anything else. */
  readonly join: (runtime: Runtime<Stanza>, messaging: InstantMessaging) => Required<Application<Stanza>>
  /** A link waits for a connection, or has lost its session. */
  readonly wake: (link: string) => void
  /** Connects no more. */
  readonly stop: () => void
}

/** What the ids of connections between servers begin with. */
export const serverIdPrefix = 's2s'

export const createFederation = (options: FederationOptions): Federation => {
  let joined: Joined | undefined
  const parts = (): Joined => {
    if (joined === undefined) throw new Error('federation was not joined with a runtime')
    return joined
  }
  const transport = serversTransport(options, connection => new IncomingStream(parts().streams, connection))
  return {
    transport,
    remotes: {
      send: ({ stanza, facts }) => {
        const refused = parts().links.send(stanza, facts)
        return refused === undefined ? undefined : unreachable(refused)
      },
      answered: answer => parts().links.answered(answer),
      stateOf: (from, to) => parts().links.stateOf(from, to),
      connect: (from, to) => parts().links.connect(from, to),
    },
    join: (runtime, messaging) => {
      const streams = { ...streamOptions(options, runtime), network: networkOf(options, transport) }
      joined = { streams, links: createLinks({ ...streams, established: messaging.linkEstablished }) }
      return applicationOf(isLink, linkApplication(joined.links, messaging), messaging)
    },
    wake: link => parts().links.wake(link),
    stop: () => joined?.links.stop(),
  }
}

interface Joined {
  readonly streams: S2sOptions & { readonly network: Network }
  readonly links: ReturnType<typeof createLinks>
}

/** True for a link of a domain that is served here. */
export const isOurLink = (config: ServerConfig, id: string): boolean => {
  const link = readLink(id)
  return link !== undefined && config.domains.includes(link.local)
}

const streamOptions = (
  { config, settings, dialback, clock, timers, log, onFailedServer }: FederationOptions,
  runtime: Runtime<Stanza>,
): S2sOptions => ({
  domains: config.domains,
  policy: {
    requireEncryption: config.s2s.requireEncryption,
    authentication: config.s2s.authentication,
    streamManagement: () => settings.current.smacks.enabledS2s,
    resume: config.s2s.resume,
    journalled: config.durability !== 'memory',
    connectSeconds: config.s2s.connectTimeoutSeconds,
    establishSeconds: config.s2s.establishSeconds,
    maxWaiting: config.s2s.maxWaiting,
    shares: {
      links: config.s2s.maxLinks,
      linksPerAccount: config.s2s.linksPerAccount,
      bytesPerLink: config.s2s.maxWaitingBytes,
      bytesPerAccount: config.s2s.waitingBytesPerAccount,
      bytes: config.s2s.waitingBytes,
    },
  },
  isCertified: (connection, domain) => {
    const certificate = connection.peerCertificate()
    if (certificate === undefined) return false
    const fault = certificate.distrust ?? certificateFault(certificate.der, domain)
    if (fault !== undefined) log.debug({ connection: connection.id, domain, fault }, 'a certificate does not count')
    return fault === undefined
  },
  keys: dialbackKeys(dialback),
  runtime,
  timers,
  clock,
  entropy: createEntropy(),
  log,
  onFailedServer,
})

const networkOf = ({ config, clock, timers }: FederationOptions, transport: TcpTransport): Network => ({
  resolve: createResolver({
    hosts: config.s2s.hosts,
    literalAddresses: config.s2s.literalAddresses,
    dns: hostDns(),
    random: Math.random,
    timers,
    clock,
  }),
  connect: ({ isConfigured, ...target }, domain, accept, failed) => {
    const endpoint = { ...target, serverName: serverNameOf(domain) }
    // The address is checked as it is connected to: the DNS may answer differently the next time.
    const anywhere = isConfigured || config.s2s.privateAddresses
    return transport.connect(anywhere ? endpoint : { ...endpoint, permits: isPublicAddress }, accept, failed)
  },
})

/** A server name in TLS is one of the DNS (RFC 6066 §3): in A-labels. */
const serverNameOf = (domain: string): string => addressIn(domain) ?? dnsName(domain) ?? domain

/** Of streams that are refused before anybody looks at them. */
const refused = createEntropy()

const serversTransport = (
  { config: { domains, s2s, limits }, tls, authorities, log, unsent }: FederationOptions,
  accept: Parameters<typeof createTcpTransport>[0]['accept'],
): TcpTransport =>
  createTcpTransport({
    accept,
    peers: 'servers',
    idPrefix: serverIdPrefix,
    connectTimeout: s2s.connectTimeoutSeconds * 1000,
    limits: transportLimits(s2s, limits),
    unsent,
    refusal: reason =>
      refusalOf(serverHeader({ from: domains[0] ?? '', to: undefined, id: refused.freshId() }), reason),
    tls: withAuthorities(tls.current, [...authorities]),
    ...transportReports(log),
  })

/** Another object only when the certificate is another, since a context is made for each. */
const withAuthorities = (current: LoadedTls['current'], ca: Array<string>): LoadedTls['current'] => {
  let latest = { plain: current(), full: { ...current(), ca } }
  return () => {
    const plain = current()
    if (plain !== latest.plain) latest = { plain, full: { ...plain, ca } }
    return latest.full
  }
}
