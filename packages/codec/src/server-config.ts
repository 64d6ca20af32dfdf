/** The configuration of the reference server: what it holds, and what holds without one. */
import { type Config, defaultConfig } from '@smacks/core'
import type { ListenAddress } from './settings.js'

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

/** Files in PEM; both or neither. Without them a self-signed certificate is made. */
export interface TlsFiles {
  readonly certificate?: string
  readonly key?: string
}

export interface Limits {
  /** Bytes of one stanza. */
  readonly maxStanzaBytes: number
  /** Connections from one address at a time. */
  readonly connectionsPerAddress: number
  /** Seconds a connection may stay without a login. */
  readonly unauthenticatedSeconds: number
  /** Failed logins on one connection. */
  readonly authFailures: number
  /** Sessions of one user, hibernating ones included. */
  readonly resourcesPerUser: number
  /** Hibernating sessions of one user; one more ends the one that hibernates longest. */
  readonly hibernatingSessionsPerUser: number
  /** Bytes read per second and connection; 0: unlimited. */
  readonly bytesPerSecond: number
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
  /** Bytes of one stanza. */
  readonly maxStanzaBytes: number
  /** Connections from one address at a time. */
  readonly connectionsPerAddress: number
  /** Seconds without a byte after which the peer is probed. */
  readonly silenceSeconds: number
  /** Where servers are, by their domains, normalised; the DNS is asked for all others. */
  readonly hosts: ReadonlyMap<string, ListenAddress>
}

/** How much a recording tells of what each step came to: all of it, its hash, nothing. */
export type RecordedOutcome = 'full' | 'digest' | 'none'

/** Recordings of what happens to accounts. */
export interface RecordSettings {
  /** Where the files go; absent: `recordings` in the data folder. */
  readonly directory?: string
  /** Bare JIDs, normalised, of those recorded from the start; `['*']`: all. */
  readonly accounts: ReadonlyArray<string>
  /** Text is replaced by text of the same size. */
  readonly redact: boolean
  /** A file of so many bytes is followed by another. */
  readonly maxFileBytes: number
  /** Files kept; one more deletes the oldest. */
  readonly maxFiles: number
  readonly outcome: RecordedOutcome
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
    // More than clients may send: other servers add to it.
    maxStanzaBytes: 524_288,
    connectionsPerAddress: 100,
    silenceSeconds: 300,
    hosts: new Map(),
  },
  tls: {},
  limits: {
    maxStanzaBytes: 262_144,
    connectionsPerAddress: 100,
    unauthenticatedSeconds: 30,
    authFailures: 5,
    resourcesPerUser: 20,
    hibernatingSessionsPerUser: 10,
    bytesPerSecond: 0,
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
