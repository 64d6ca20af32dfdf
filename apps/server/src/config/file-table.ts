/** The configuration file as a whole: the keys at its top level, and all of its tables. */

import { domainList, flag, integer, type Keys, key, oneOf, seconds, table, text } from '@smacks/settings'
import { defaultServerConfig, type ServerConfig, type SmacksOptions } from './server-config.js'
import { c2sTable, httpTable, limitsTable, recordTable, s2sTable, tlsTable } from './tables.js'

const { c2s, s2s, tls, limits, record, http, smacks, ...top } = defaultServerConfig

const tenYears = 315_360_000

/** The eight options as `mod_smacks` spells them. */
const smacksKeys: Keys<SmacksOptions> = {
  hibernationTime: key('smacks_hibernation_time', seconds(0, tenYears), smacks.hibernationTime),
  maxQueueSize: key('smacks_max_queue_size', integer(0, 1_000_000), smacks.maxQueueSize),
  enabledS2s: key('smacks_enabled_s2s', flag, smacks.enabledS2s),
  s2sResend: key('smacks_s2s_resend', flag, smacks.s2sResend),
  maxUnackedStanzas: key('smacks_max_unacked_stanzas', integer(0, 1_000_000), smacks.maxUnackedStanzas),
  maxInactiveUnackedStanzas: key(
    'smacks_max_inactive_unacked_stanzas',
    integer(0, 1_000_000),
    smacks.maxInactiveUnackedStanzas,
  ),
  maxAckDelay: key('smacks_max_ack_delay', seconds(0, 86_400), smacks.maxAckDelay),
  maxOldSessions: key('smacks_max_old_sessions', integer(0, 10_000), smacks.maxOldSessions),
}

/** The file as it is written: the eight options stand at top level. */
export type TopLevel = Omit<ServerConfig, 'smacks'> & SmacksOptions

export const fileTable = table<TopLevel>({
  domains: key('domains', domainList, top.domains),
  data: key('data', text, top.data),
  durability: key('durability', oneOf('memory', 'process', 'disk'), top.durability),
  offlineStorage: key('offline_storage', flag, top.offlineStorage),
  logLevel: key('log_level', oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'), top.logLevel),
  ...smacksKeys,
  c2s: key('c2s', c2sTable, c2s),
  s2s: key('s2s', s2sTable, s2s),
  tls: key('tls', tlsTable, tls),
  limits: key('limits', limitsTable, limits),
  record: key('record', recordTable, record),
  http: key('http', httpTable, http),
})

const pathsOf = (prefix: string, keys: Readonly<Record<string, { readonly key: string }>>): ReadonlyArray<string> =>
  Object.values(keys).map(({ key }) => `${prefix}${key}`)

/** The keys of the file, with the names of their tables. */
export const allPaths: ReadonlyArray<string> = [
  ...pathsOf('', fileTable.keys),
  ...pathsOf('c2s.', c2sTable.keys),
  ...pathsOf('tls.', tlsTable.keys),
  ...pathsOf('limits.', limitsTable.keys),
  ...pathsOf('record.', recordTable.keys),
  ...pathsOf('http.', httpTable.keys),
  // After [limits]: what both have was rather meant for clients.
  ...pathsOf('s2s.', s2sTable.keys),
]
