/** The configuration file of the reference server, decoded. */

import { suggestion } from '@smacks/codec'
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import type * as t from 'io-ts'
import {
  type ClientListeners,
  defaultServerConfig,
  type FederationSettings,
  type Limits,
  type RecordSettings,
  type ServerConfig,
  type SmacksOptions,
  type TlsFiles,
} from './server-config.js'
import {
  accountList,
  domainList,
  flag,
  hostTable,
  integer,
  listenAddresses,
  oneOf,
  orZero,
  seconds,
  size,
  text,
} from './setting-types.js'
import { type Keys, table, unknownKey } from './settings-table.js'

/**
 * Decodes a parsed configuration file. `Left` holds one sentence for each thing that is wrong: the key, the value
 * found, and what is allowed; for a key that does not exist, the one that was probably meant.
 */
export const decodeServerConfig = (value: unknown): Either.Either<ReadonlyArray<string>, ServerConfig> =>
  pipe(
    fileTable.decode(value),
    Either.map(grouped),
    Either.mapLeft(errors => errors.map(describe)),
    Either.chain(config => {
      const problems = contradictions(config)
      return problems.length > 0 ? Either.left(problems) : Either.right(config)
    }),
  )

const { c2s, s2s, tls, limits, record, smacks, ...top } = defaultServerConfig

const tenYears = 315_360_000

/** Bytes a second. */
const rate = orZero(size(1000, 10_000_000_000), 'unlimited')

const burst = size(10_000, 10_000_000_000)

const c2sTable = table<ClientListeners>({
  listen: { key: 'listen', setting: listenAddresses, absent: c2s.listen },
  directTls: { key: 'direct_tls', setting: listenAddresses, absent: c2s.directTls },
  requireEncryption: { key: 'require_encryption', setting: flag, absent: c2s.requireEncryption },
})

const waitingSize = size(10_000, 1_099_511_627_776)

const s2sTable = table<FederationSettings>({
  listen: { key: 'listen', setting: listenAddresses, absent: s2s.listen },
  directTls: { key: 'direct_tls', setting: listenAddresses, absent: s2s.directTls },
  requireEncryption: { key: 'require_encryption', setting: flag, absent: s2s.requireEncryption },
  authentication: {
    key: 'authentication',
    setting: oneOf('external', 'dialback', 'either'),
    absent: s2s.authentication,
  },
  ca: { key: 'ca', setting: text, absent: undefined },
  resume: { key: 'resume', setting: flag, absent: s2s.resume },
  connectTimeoutSeconds: {
    key: 'connect_timeout_seconds',
    setting: seconds(1, 3600),
    absent: s2s.connectTimeoutSeconds,
  },
  establishSeconds: { key: 'establish_seconds', setting: seconds(1, 86_400), absent: s2s.establishSeconds },
  maxWaiting: { key: 'max_waiting', setting: integer(1, 1_000_000), absent: s2s.maxWaiting },
  maxWaitingBytes: { key: 'max_waiting_size', setting: waitingSize, absent: s2s.maxWaitingBytes },
  waitingBytesPerAccount: {
    key: 'waiting_size_per_account',
    setting: waitingSize,
    absent: s2s.waitingBytesPerAccount,
  },
  waitingBytes: { key: 'waiting_size', setting: waitingSize, absent: s2s.waitingBytes },
  maxLinks: { key: 'max_links', setting: integer(2, 1_000_000), absent: s2s.maxLinks },
  linksPerAccount: { key: 'links_per_account', setting: integer(1, 1_000_000), absent: s2s.linksPerAccount },
  literalAddresses: { key: 'literal_addresses', setting: flag, absent: s2s.literalAddresses },
  privateAddresses: { key: 'private_addresses', setting: flag, absent: s2s.privateAddresses },
  maxStanzaBytes: { key: 'max_stanza_bytes', setting: integer(10_000, 67_108_864), absent: s2s.maxStanzaBytes },
  connectionsPerAddress: {
    key: 'connections_per_address',
    setting: integer(1, 1_000_000),
    absent: s2s.connectionsPerAddress,
  },
  maxConnections: { key: 'max_connections', setting: integer(1, 1_000_000), absent: s2s.maxConnections },
  maxPendingConnections: {
    key: 'max_pending_connections',
    setting: integer(1, 1_000_000),
    absent: s2s.maxPendingConnections,
  },
  bytesPerSecond: { key: 'bytes_per_second', setting: rate, absent: s2s.bytesPerSecond },
  burstSize: { key: 'burst_size', setting: burst, absent: s2s.burstSize },
  silenceSeconds: { key: 'silence_seconds', setting: seconds(1, 86_400), absent: s2s.silenceSeconds },
  hosts: { key: 'hosts', setting: hostTable, absent: s2s.hosts },
})

const tlsTable = table<TlsFiles>({
  certificate: { key: 'certificate', setting: text, absent: undefined },
  key: { key: 'key', setting: text, absent: undefined },
})

/** Of what is queued and stored: from a few small stanzas to more than disks have. */
const quota = size(10_000, 1_099_511_627_776)

const limitsTable = table<Limits>({
  // RFC 6120 §13.12: not less than 10,000.
  maxStanzaBytes: { key: 'max_stanza_bytes', setting: integer(10_000, 67_108_864), absent: limits.maxStanzaBytes },
  connectionsPerAddress: {
    key: 'connections_per_address',
    setting: integer(1, 1_000_000),
    absent: limits.connectionsPerAddress,
  },
  maxConnections: { key: 'max_connections', setting: integer(1, 1_000_000), absent: limits.maxConnections },
  maxPendingConnections: {
    key: 'max_pending_connections',
    setting: integer(1, 1_000_000),
    absent: limits.maxPendingConnections,
  },
  unauthenticatedStanzaSize: {
    key: 'unauthenticated_stanza_size',
    setting: size(4000, 262_144),
    absent: limits.unauthenticatedStanzaSize,
  },
  unauthenticatedSeconds: {
    key: 'unauthenticated_seconds',
    setting: seconds(1, 3600),
    absent: limits.unauthenticatedSeconds,
  },
  authFailures: { key: 'auth_failures', setting: integer(1, 100), absent: limits.authFailures },
  authFailuresPerAddress: {
    key: 'auth_failures_per_address',
    setting: integer(1, 1_000_000),
    absent: limits.authFailuresPerAddress,
  },
  authFailuresPerAccount: {
    key: 'auth_failures_per_account',
    setting: integer(1, 1_000_000),
    absent: limits.authFailuresPerAccount,
  },
  authDelaySeconds: { key: 'auth_delay_seconds', setting: seconds(1, 86_400), absent: limits.authDelaySeconds },
  authForgetSeconds: { key: 'auth_forget_seconds', setting: seconds(1, 2_592_000), absent: limits.authForgetSeconds },
  authWaiting: { key: 'auth_waiting', setting: integer(0, 100_000), absent: limits.authWaiting },
  resourcesPerUser: { key: 'resources_per_user', setting: integer(1, 10_000), absent: limits.resourcesPerUser },
  hibernatingSessionsPerUser: {
    key: 'hibernating_sessions_per_user',
    setting: integer(0, 10_000),
    absent: limits.hibernatingSessionsPerUser,
  },
  bytesPerSecond: {
    key: 'bytes_per_second',
    setting: rate,
    absent: limits.bytesPerSecond,
  },
  burstSize: { key: 'burst_size', setting: burst, absent: limits.burstSize },
  unsentSizePerConnection: {
    key: 'unsent_size_per_connection',
    setting: size(1_048_576, 1_099_511_627_776),
    absent: limits.unsentSizePerConnection,
  },
  maxUnsentSize: {
    key: 'max_unsent_size',
    setting: size(1_048_576, 1_099_511_627_776),
    absent: limits.maxUnsentSize,
  },
  silenceSeconds: { key: 'silence_seconds', setting: seconds(1, 86_400), absent: limits.silenceSeconds },
  queueBytesPerSession: { key: 'queue_bytes_per_session', setting: quota, absent: limits.queueBytesPerSession },
  queueBytesPerUser: { key: 'queue_bytes_per_user', setting: quota, absent: limits.queueBytesPerUser },
  offlineBytesPerUser: { key: 'offline_bytes_per_user', setting: quota, absent: limits.offlineBytesPerUser },
  offlineBytesPerSender: { key: 'offline_bytes_per_sender', setting: quota, absent: limits.offlineBytesPerSender },
  contactBytesPerUser: { key: 'contact_bytes_per_user', setting: quota, absent: limits.contactBytesPerUser },
  dataBytes: { key: 'data_bytes', setting: size(10_000_000, 1_099_511_627_776), absent: limits.dataBytes },
})

const recordTable = table<RecordSettings>({
  directory: { key: 'directory', setting: text, absent: undefined },
  accounts: { key: 'accounts', setting: accountList, absent: record.accounts },
  redact: { key: 'redact', setting: flag, absent: record.redact },
  maxFileBytes: {
    key: 'max_file_bytes',
    setting: integer(10_000, 1_099_511_627_776),
    absent: record.maxFileBytes,
  },
  maxFiles: { key: 'max_files', setting: integer(1, 100_000), absent: record.maxFiles },
  outcome: { key: 'outcome', setting: oneOf('full', 'digest', 'none'), absent: record.outcome },
})

/** The eight options as `mod_smacks` spells them. */
const smacksKeys: Keys<SmacksOptions> = {
  hibernationTime: {
    key: 'smacks_hibernation_time',
    setting: seconds(0, tenYears),
    absent: smacks.hibernationTime,
  },
  maxQueueSize: { key: 'smacks_max_queue_size', setting: integer(0, 1_000_000), absent: smacks.maxQueueSize },
  enabledS2s: { key: 'smacks_enabled_s2s', setting: flag, absent: smacks.enabledS2s },
  s2sResend: { key: 'smacks_s2s_resend', setting: flag, absent: smacks.s2sResend },
  maxUnackedStanzas: {
    key: 'smacks_max_unacked_stanzas',
    setting: integer(0, 1_000_000),
    absent: smacks.maxUnackedStanzas,
  },
  maxInactiveUnackedStanzas: {
    key: 'smacks_max_inactive_unacked_stanzas',
    setting: integer(0, 1_000_000),
    absent: smacks.maxInactiveUnackedStanzas,
  },
  maxAckDelay: { key: 'smacks_max_ack_delay', setting: seconds(0, 86_400), absent: smacks.maxAckDelay },
  maxOldSessions: { key: 'smacks_max_old_sessions', setting: integer(0, 10_000), absent: smacks.maxOldSessions },
}

/** The file as it is written: the eight options stand at top level. */
type TopLevel = Omit<ServerConfig, 'smacks'> & SmacksOptions

const fileTable = table<TopLevel>({
  domains: { key: 'domains', setting: domainList, absent: top.domains },
  data: { key: 'data', setting: text, absent: top.data },
  durability: { key: 'durability', setting: oneOf('memory', 'process', 'disk'), absent: top.durability },
  offlineStorage: { key: 'offline_storage', setting: flag, absent: top.offlineStorage },
  logLevel: {
    key: 'log_level',
    setting: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    absent: top.logLevel,
  },
  ...smacksKeys,
  c2s: { key: 'c2s', setting: c2sTable, absent: c2s },
  s2s: { key: 's2s', setting: s2sTable, absent: s2s },
  tls: { key: 'tls', setting: tlsTable, absent: tls },
  limits: { key: 'limits', setting: limitsTable, absent: limits },
  record: { key: 'record', setting: recordTable, absent: record },
})

/** From the file's order to that of the configuration. */
const grouped = ({
  domains,
  data,
  durability,
  offlineStorage,
  logLevel,
  c2s,
  s2s,
  tls,
  limits,
  record,
  ...smacks
}: TopLevel): ServerConfig => ({
  domains,
  data,
  durability,
  offlineStorage,
  logLevel,
  smacks,
  c2s,
  s2s,
  tls,
  limits,
  record,
})

/** A single stanza fits, and a part is no more than the whole. */
const smallQuotas = (limits: Limits): ReadonlyArray<string> => {
  const { maxStanzaBytes, queueBytesPerSession, queueBytesPerUser, offlineBytesPerSender, offlineBytesPerUser } = limits
  const atLeast = (key: string, found: number, other: string, least: number): ReadonlyArray<string> =>
    found >= least ? [] : [`limits.${key}: found ${found}, allowed: at least limits.${other}, which is ${least}`]
  return [
    ...atLeast('queue_bytes_per_session', queueBytesPerSession, 'max_stanza_bytes', maxStanzaBytes),
    ...atLeast('queue_bytes_per_user', queueBytesPerUser, 'queue_bytes_per_session', queueBytesPerSession),
    ...atLeast('offline_bytes_per_sender', offlineBytesPerSender, 'max_stanza_bytes', maxStanzaBytes),
    ...atLeast('offline_bytes_per_user', offlineBytesPerUser, 'offline_bytes_per_sender', offlineBytesPerSender),
  ]
}

/** What is wrong though each value is allowed. */
const contradictions = ({ c2s, s2s, tls, domains, limits, record }: ServerConfig): ReadonlyArray<string> => [
  ...smallQuotas(limits),
  ...(
    [
      ['max_waiting_size', s2s.maxWaitingBytes],
      ['waiting_size_per_account', s2s.waitingBytesPerAccount],
      ['waiting_size', s2s.waitingBytes],
    ] as const
  )
    .filter(([, bytes]) => bytes < limits.maxStanzaBytes)
    .map(
      ([key, bytes]) =>
        `s2s.${key}: found ${bytes}, allowed: at least limits.max_stanza_bytes, which is ${limits.maxStanzaBytes}`,
    ),
  ...((tls.certificate === undefined) === (tls.key === undefined)
    ? []
    : [
        `tls.${tls.key === undefined ? 'key' : 'certificate'}: missing, allowed: both of tls.certificate and tls.key, or none`,
      ]),
  ...(c2s.listen.length + c2s.directTls.length > 0
    ? []
    : ['c2s.listen: found [], allowed: at least one address in c2s.listen or c2s.direct_tls']),
  ...domains
    .filter(domain => s2s.hosts.has(domain))
    .map(domain => `s2s.hosts: found ${shown(domain)}, allowed: domains that are not served here`),
  ...record.accounts
    .filter(jid => jid !== '*' && !domains.includes(jid.slice(jid.indexOf('@') + 1)))
    .map(jid => `record.accounts: found ${shown(jid)}, allowed: accounts of ${domains.join(', ')}`),
]

/** One sentence for one failure. */
const describe = ({ context, value, message = 'another value' }: t.ValidationError): string => {
  const path = context
    .map(({ key }) => key)
    .filter(key => key !== '')
    .join('.')
  if (message === unknownKey) return `${path}: unknown key${suggestion(path, allPaths)}`
  return `${path === '' ? 'the configuration' : path}: found ${shown(value)}, allowed: ${message}`
}

const pathsOf = (prefix: string, keys: Readonly<Record<string, { readonly key: string }>>): ReadonlyArray<string> =>
  Object.values(keys).map(({ key }) => `${prefix}${key}`)

/** The keys of the file, with the names of their tables. */
const allPaths: ReadonlyArray<string> = [
  ...pathsOf('', fileTable.keys),
  ...pathsOf('c2s.', c2sTable.keys),
  ...pathsOf('tls.', tlsTable.keys),
  ...pathsOf('limits.', limitsTable.keys),
  ...pathsOf('record.', recordTable.keys),
  // After [limits]: what both have was rather meant for clients.
  ...pathsOf('s2s.', s2sTable.keys),
]

const shownLength = 60

/** Numbers that JSON has no word for. */
const isNoJson = (value: unknown): value is number => typeof value === 'number' && !Number.isFinite(value)

const tomlWord = (value: number): string => (Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf')

/** Stands before what is shown without quotes; whatever text a setting may be, none begins with it. */
const mark = '\0'
const marked = /"\\u0000(nan|-?inf)"/g

const shown = (value: unknown): string => {
  const written = JSON.stringify(value, (_, member) => (isNoJson(member) ? `${mark}${tomlWord(member)}` : member))
  const text = (written ?? String(value)).replace(marked, '$1')
  return text.length > shownLength ? `${text.slice(0, shownLength)}...` : text
}
