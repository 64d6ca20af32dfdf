/** The configuration of the reference server: what it holds, and what holds without one. */
import type { TlsFiles } from '@smacks/certificates'
import { type Config, defaultConfig } from '@smacks/core'
import { defaultHttpSettings, type HttpSettings } from '@smacks/http'
import type { RecordingSettings } from '@smacks/recording-files'
import type { ListenAddress } from '@smacks/settings'

/** How much a crash may cost: nothing is kept; survives `kill -9`; survives a power loss. */
export type Durability = 'memory' | 'process' | 'disk'

export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'

/** The eight options of `mod_smacks`. */
export type SmacksOptions = Pick<
  Config,
  | 'hibernationTime'
  | 'maxQueueSize'
  | 'enabledS2s'
  | 's2sResend'
  | 'maxUnackedStanzas'
  | 'maxInactiveUnackedStanzas'
  | 'maxAckDelay'
  | 'maxOldSessions'
>

export interface ClientListeners {
  /** Where clients connect with STARTTLS. */
  readonly listen: ReadonlyArray<ListenAddress>
  /** Where clients connect with TLS from the first byte (XEP-0368). */
  readonly directTls: ReadonlyArray<ListenAddress>
  /** False: plain text is allowed too, on loopback connections only. */
  readonly requireEncryption: boolean
}

export type { TlsFiles }

export interface Limits {
  /** Bytes of one stanza. */
  readonly maxStanzaBytes: number
  /** Bytes of a stream header, and of each element before authentication; of other servers too. */
  readonly unauthenticatedStanzaSize: number
  /** Connections of clients at a time. */
  readonly maxConnections: number
  /** Those of them that have no session yet. */
  readonly maxPendingConnections: number
  /** Those of them that come from one address, or from one IPv6 network of 64 bits. */
  readonly connectionsPerAddress: number
  /** Seconds a connection may stay without a login. */
  readonly unauthenticatedSeconds: number
  /** Failed logins on one connection. */
  readonly authFailures: number
  /** Failed logins from one address (of IPv6, from one /64) until it has to wait. */
  readonly authFailuresPerAddress: number
  /** Failed logins at one account until addresses that are new to it have to wait. */
  readonly authFailuresPerAccount: number
  /** Seconds of the longest wait; the first is 1, and each further failure doubles it. */
  readonly authDelaySeconds: number
  /** Seconds without a failed login after which those before are forgotten. */
  readonly authForgetSeconds: number
  /** Passwords that wait to be checked; one more is refused. */
  readonly authWaiting: number
  /** Sessions of one user, hibernating ones included. */
  readonly resourcesPerUser: number
  /** Hibernating sessions of one user; one more ends the one that hibernates longest. */
  readonly hibernatingSessionsPerUser: number
  /** Bytes read per second and connection; 0: unlimited. */
  readonly bytesPerSecond: number
  /** Bytes that are read before that counts. */
  readonly burstSize: number
  /** Bytes that wait for one peer that does not read; one of servers too. */
  readonly unsentSizePerConnection: number
  /** Bytes that wait for all peers, of servers too. */
  readonly maxUnsentSize: number
  /** Seconds without a byte after which the peer is probed. */
  readonly silenceSeconds: number
  /** Bytes of the unacked stanzas of one session; one that has more is ended. */
  readonly queueBytesPerSession: number
  /** The same for all sessions of a user, or of a link, together; those that hibernate longest end first. */
  readonly queueBytesPerUser: number
  /** Bytes of the offline messages of one user. */
  readonly offlineBytesPerUser: number
  /** Bytes of those that are of one sender, or of all senders of one other domain. */
  readonly offlineBytesPerSender: number
  /** Bytes of what is kept of one user's contacts: roster, requests, block list, what contacts elsewhere may not know. */
  readonly contactBytesPerUser: number
  /** Bytes of all that is stored; nothing more is taken into storage while it is exceeded. */
  readonly dataBytes: number
}

/** What another server has to show: a certificate of its domain, dialback (XEP-0220), or one of them. */
export type ServerAuthentication = 'external' | 'dialback' | 'either'

/** Streams between servers. Other servers are talked to only if there is an address where they can reach this one. */
export interface FederationSettings {
  /** Where servers connect with STARTTLS; none here and in `directTls`: no federation. */
  readonly listen: ReadonlyArray<ListenAddress>
  /** Where servers connect with TLS from the first byte (XEP-0368). */
  readonly directTls: ReadonlyArray<ListenAddress>
  /** False: stanzas may go in the clear where the other server has no TLS. */
  readonly requireEncryption: boolean
  readonly authentication: ServerAuthentication
  /** A file of roots in PEM that are trusted besides those of Node. */
  readonly ca?: string
  /** Streams are resumed after a broken connection, where the other server does that too. */
  readonly resume: boolean
  /** Seconds for one attempt at a stream, and for an incoming one until it is authenticated. */
  readonly connectTimeoutSeconds: number
  /** Seconds that stanzas wait for a stream; then they are returned. */
  readonly establishSeconds: number
  /** Stanzas that wait for one stream; one more is returned at once. */
  readonly maxWaiting: number
  /** Their bytes, for one stream. */
  readonly maxWaitingBytes: number
  /** Bytes of stanzas of one account that wait for any stream. */
  readonly waitingBytesPerAccount: number
  /** Bytes of all stanzas that wait for any stream. */
  readonly waitingBytes: number
  /** Links to other servers at a time. */
  readonly maxLinks: number
  /** Links that one account may have caused. */
  readonly linksPerAccount: number
  /** Domains that are addresses are talked to. */
  readonly literalAddresses: boolean
  /** The DNS may send us to addresses that are not of the Internet. */
  readonly privateAddresses: boolean
  /** Bytes of one stanza. */
  readonly maxStanzaBytes: number
  /** Connections that other servers made, at a time. */
  readonly maxConnections: number
  /** Those of them that are not established yet. */
  readonly maxPendingConnections: number
  /** Those of them that come from one address, or from one IPv6 network of 64 bits. */
  readonly connectionsPerAddress: number
  /** Bytes read per second and connection; 0: unlimited. */
  readonly bytesPerSecond: number
  /** Bytes that are read before that counts. */
  readonly burstSize: number
  /** Seconds without a byte after which the peer is probed. */
  readonly silenceSeconds: number
  /** Where servers are, by their domains, normalised; the DNS is asked for all others. */
  readonly hosts: ReadonlyMap<string, ListenAddress>
}

/** Recordings of what happens to accounts. */
export interface RecordSettings extends RecordingSettings {
  /** Where the files go; absent: `recordings` in the data folder. */
  readonly directory?: string
  /** Bare JIDs, normalised, of those recorded from the start; `['*']`: all. */
  readonly accounts: ReadonlyArray<string>
}

/** The configuration file, decoded, with its defaults. Times are in seconds. */
export interface ServerConfig {
  readonly domains: ReadonlyArray<string>
  /** The directory of journal, offline messages and accounts. */
  readonly data: string
  readonly durability: Durability
  readonly offlineStorage: boolean
  readonly logLevel: LogLevel
  readonly smacks: SmacksOptions
  readonly c2s: ClientListeners
  readonly s2s: FederationSettings
  readonly tls: TlsFiles
  readonly limits: Limits
  readonly record: RecordSettings
  /** For the operator: health, readiness, metrics. */
  readonly http: HttpSettings
}

const {
  hibernationTime,
  maxQueueSize,
  enabledS2s,
  s2sResend,
  maxUnackedStanzas,
  maxInactiveUnackedStanzas,
  maxAckDelay,
  maxOldSessions,
} = defaultConfig

/** The configuration of an empty file. */
export const defaultServerConfig: ServerConfig = {
  domains: ['localhost'],
  data: './data',
  durability: 'process',
  offlineStorage: true,
  logLevel: 'info',
  smacks: {
    hibernationTime,
    maxQueueSize,
    enabledS2s,
    s2sResend,
    maxUnackedStanzas,
    maxInactiveUnackedStanzas,
    maxAckDelay,
    maxOldSessions,
  },
  c2s: { listen: [{ host: '127.0.0.1', port: 5222 }], directTls: [], requireEncryption: true },
  s2s: {
    listen: [],
    directTls: [],
    requireEncryption: true,
    authentication: 'either',
    resume: true,
    connectTimeoutSeconds: 30,
    establishSeconds: 60,
    maxWaiting: 1000,
    maxWaitingBytes: 4_194_304,
    waitingBytesPerAccount: 2_097_152,
    waitingBytes: 67_108_864,
    maxLinks: 5000,
    linksPerAccount: 100,
    literalAddresses: false,
    privateAddresses: false,
    // More than clients may send: other servers add to it.
    maxStanzaBytes: 524_288,
    maxConnections: 5000,
    maxPendingConnections: 500,
    connectionsPerAddress: 100,
    bytesPerSecond: 256_000,
    burstSize: 2_097_152,
    silenceSeconds: 300,
    hosts: new Map(),
  },
  tls: {},
  limits: {
    maxStanzaBytes: 262_144,
    unauthenticatedStanzaSize: 10_000,
    maxConnections: 5000,
    maxPendingConnections: 1000,
    connectionsPerAddress: 100,
    unauthenticatedSeconds: 30,
    authFailures: 5,
    authFailuresPerAddress: 20,
    authFailuresPerAccount: 20,
    authDelaySeconds: 300,
    authForgetSeconds: 3600,
    authWaiting: 1000,
    resourcesPerUser: 20,
    hibernatingSessionsPerUser: 10,
    bytesPerSecond: 64_000,
    burstSize: 1_048_576,
    unsentSizePerConnection: 8_388_608,
    maxUnsentSize: 67_108_864,
    silenceSeconds: 300,
    queueBytesPerSession: defaultConfig.maxQueueBytes,
    queueBytesPerUser: defaultConfig.maxAccountQueueBytes,
    offlineBytesPerUser: 16_777_216,
    offlineBytesPerSender: 8_388_608,
    contactBytesPerUser: 8_388_608,
    // More than disks have: an operator who shares a disk with others sets it.
    dataBytes: 1_099_511_627_776,
  },
  record: { accounts: [], redact: false, maxFileBytes: 67_108_864, maxFiles: 16, outcome: 'full' },
  http: defaultHttpSettings,
}

/** True if other servers are talked to: there is an address where they can reach this one. */
export const federates = ({ s2s }: ServerConfig): boolean => s2s.listen.length + s2s.directTls.length > 0

/** What of the configuration the core decides by. */
export const coreConfig = ({ smacks, offlineStorage, durability, limits }: ServerConfig): Config => ({
  ...defaultConfig,
  ...smacks,
  offlineStorage,
  queueStorage: durability !== 'memory',
  maxHibernatingSessions: limits.hibernatingSessionsPerUser,
  maxQueueBytes: limits.queueBytesPerSession,
  maxAccountQueueBytes: limits.queueBytesPerUser,
})
