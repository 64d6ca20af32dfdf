/** The tables of the configuration file: how each key is spelled, what it may hold, and what its absence means. */

import { allowedToken, type HttpSettings, isToken } from '@smacks/http'
import {
  accountList,
  flag,
  hostTable,
  integer,
  key,
  listenAddresses,
  oneOf,
  orZero,
  seconds,
  secret,
  size,
  table,
  text,
} from '@smacks/settings'
import {
  type ClientListeners,
  defaultServerConfig,
  type FederationSettings,
  type Limits,
  type RecordSettings,
  type TlsFiles,
} from './server-config.js'

const { c2s, s2s, limits, record, http } = defaultServerConfig

/** Bytes a second. */
const rate = orZero(size(1000, 10_000_000_000), 'unlimited')

const burst = size(10_000, 10_000_000_000)

export const c2sTable = table<ClientListeners>({
  listen: key('listen', listenAddresses, c2s.listen),
  directTls: key('direct_tls', listenAddresses, c2s.directTls),
  requireEncryption: key('require_encryption', flag, c2s.requireEncryption),
})

const waitingSize = size(10_000, 1_099_511_627_776)

export const s2sTable = table<FederationSettings>({
  listen: key('listen', listenAddresses, s2s.listen),
  directTls: key('direct_tls', listenAddresses, s2s.directTls),
  requireEncryption: key('require_encryption', flag, s2s.requireEncryption),
  authentication: key('authentication', oneOf('external', 'dialback', 'either'), s2s.authentication),
  ca: key('ca', text, undefined),
  resume: key('resume', flag, s2s.resume),
  connectTimeoutSeconds: key('connect_timeout_seconds', seconds(1, 3600), s2s.connectTimeoutSeconds),
  establishSeconds: key('establish_seconds', seconds(1, 86_400), s2s.establishSeconds),
  maxWaiting: key('max_waiting', integer(1, 1_000_000), s2s.maxWaiting),
  maxWaitingBytes: key('max_waiting_size', waitingSize, s2s.maxWaitingBytes),
  waitingBytesPerAccount: key('waiting_size_per_account', waitingSize, s2s.waitingBytesPerAccount),
  waitingBytes: key('waiting_size', waitingSize, s2s.waitingBytes),
  maxLinks: key('max_links', integer(2, 1_000_000), s2s.maxLinks),
  linksPerAccount: key('links_per_account', integer(1, 1_000_000), s2s.linksPerAccount),
  literalAddresses: key('literal_addresses', flag, s2s.literalAddresses),
  privateAddresses: key('private_addresses', flag, s2s.privateAddresses),
  maxStanzaBytes: key('max_stanza_bytes', integer(10_000, 67_108_864), s2s.maxStanzaBytes),
  connectionsPerAddress: key('connections_per_address', integer(1, 1_000_000), s2s.connectionsPerAddress),
  maxConnections: key('max_connections', integer(1, 1_000_000), s2s.maxConnections),
  maxPendingConnections: key('max_pending_connections', integer(1, 1_000_000), s2s.maxPendingConnections),
  bytesPerSecond: key('bytes_per_second', rate, s2s.bytesPerSecond),
  burstSize: key('burst_size', burst, s2s.burstSize),
  silenceSeconds: key('silence_seconds', seconds(1, 86_400), s2s.silenceSeconds),
  hosts: key('hosts', hostTable, s2s.hosts),
})

export const tlsTable = table<TlsFiles>({
  certificate: key('certificate', text, undefined),
  key: key('key', text, undefined),
})

/** Of what is queued and stored: from a few small stanzas to more than disks have. */
const quota = size(10_000, 1_099_511_627_776)

export const limitsTable = table<Limits>({
  // RFC 6120 §13.12: not less than 10,000.
  maxStanzaBytes: key('max_stanza_bytes', integer(10_000, 67_108_864), limits.maxStanzaBytes),
  connectionsPerAddress: key('connections_per_address', integer(1, 1_000_000), limits.connectionsPerAddress),
  maxConnections: key('max_connections', integer(1, 1_000_000), limits.maxConnections),
  maxPendingConnections: key('max_pending_connections', integer(1, 1_000_000), limits.maxPendingConnections),
  unauthenticatedStanzaSize: key('unauthenticated_stanza_size', size(4000, 262_144), limits.unauthenticatedStanzaSize),
  unauthenticatedSeconds: key('unauthenticated_seconds', seconds(1, 3600), limits.unauthenticatedSeconds),
  authFailures: key('auth_failures', integer(1, 100), limits.authFailures),
  authFailuresPerAddress: key('auth_failures_per_address', integer(1, 1_000_000), limits.authFailuresPerAddress),
  authFailuresPerAccount: key('auth_failures_per_account', integer(1, 1_000_000), limits.authFailuresPerAccount),
  authDelaySeconds: key('auth_delay_seconds', seconds(1, 86_400), limits.authDelaySeconds),
  authForgetSeconds: key('auth_forget_seconds', seconds(1, 2_592_000), limits.authForgetSeconds),
  authWaiting: key('auth_waiting', integer(0, 100_000), limits.authWaiting),
  resourcesPerUser: key('resources_per_user', integer(1, 10_000), limits.resourcesPerUser),
  hibernatingSessionsPerUser: key(
    'hibernating_sessions_per_user',
    integer(0, 10_000),
    limits.hibernatingSessionsPerUser,
  ),
  bytesPerSecond: key('bytes_per_second', rate, limits.bytesPerSecond),
  burstSize: key('burst_size', burst, limits.burstSize),
  unsentSizePerConnection: key(
    'unsent_size_per_connection',
    size(1_048_576, 1_099_511_627_776),
    limits.unsentSizePerConnection,
  ),
  maxUnsentSize: key('max_unsent_size', size(1_048_576, 1_099_511_627_776), limits.maxUnsentSize),
  silenceSeconds: key('silence_seconds', seconds(1, 86_400), limits.silenceSeconds),
  queueBytesPerSession: key('queue_bytes_per_session', quota, limits.queueBytesPerSession),
  queueBytesPerUser: key('queue_bytes_per_user', quota, limits.queueBytesPerUser),
  offlineBytesPerUser: key('offline_bytes_per_user', quota, limits.offlineBytesPerUser),
  offlineBytesPerSender: key('offline_bytes_per_sender', quota, limits.offlineBytesPerSender),
  contactBytesPerUser: key('contact_bytes_per_user', quota, limits.contactBytesPerUser),
  dataBytes: key('data_bytes', size(10_000_000, 1_099_511_627_776), limits.dataBytes),
})

export const recordTable = table<RecordSettings>({
  directory: key('directory', text, undefined),
  accounts: key('accounts', accountList, record.accounts),
  redact: key('redact', flag, record.redact),
  maxFileBytes: key('max_file_bytes', integer(10_000, 1_099_511_627_776), record.maxFileBytes),
  maxFiles: key('max_files', integer(1, 100_000), record.maxFiles),
  outcome: key('outcome', oneOf('full', 'digest', 'none'), record.outcome),
})

export const httpTable = table<HttpSettings>({
  listen: key('listen', listenAddresses, http.listen),
  tls: key('tls', flag, http.tls),
  token: key('token', secret(allowedToken, isToken), undefined),
})
