/** What is wrong with a configuration though each of its values is allowed. */
import { isIPv4 } from 'node:net'
import { exposures } from '@smacks/http'
import { addressText, type ListenAddress, shown } from '@smacks/settings'
import { listenersOf } from './listeners.js'
import type { Limits, ServerConfig } from './server-config.js'

const atLeast = (key: string, found: number, other: string, least: number): ReadonlyArray<string> =>
  found >= least ? [] : [`${key}: found ${found}, allowed: at least limits.${other}, which is ${least}`]

/** A single stanza fits, and a part is no more than the whole. */
const smallQuotas = ({
  maxStanzaBytes,
  queueBytesPerSession,
  queueBytesPerUser,
  offlineBytesPerSender,
  offlineBytesPerUser,
}: Limits): ReadonlyArray<string> => [
  ...atLeast('limits.queue_bytes_per_session', queueBytesPerSession, 'max_stanza_bytes', maxStanzaBytes),
  ...atLeast('limits.queue_bytes_per_user', queueBytesPerUser, 'queue_bytes_per_session', queueBytesPerSession),
  ...atLeast('limits.offline_bytes_per_sender', offlineBytesPerSender, 'max_stanza_bytes', maxStanzaBytes),
  ...atLeast('limits.offline_bytes_per_user', offlineBytesPerUser, 'offline_bytes_per_sender', offlineBytesPerSender),
]

export const contradictions = ({
  c2s,
  s2s,
  tls,
  domains,
  limits,
  record,
  http,
}: ServerConfig): ReadonlyArray<string> => [
  ...smallQuotas(limits),
  ...atLeast('s2s.max_waiting_size', s2s.maxWaitingBytes, 'max_stanza_bytes', limits.maxStanzaBytes),
  ...atLeast('s2s.waiting_size_per_account', s2s.waitingBytesPerAccount, 'max_stanza_bytes', limits.maxStanzaBytes),
  ...atLeast('s2s.waiting_size', s2s.waitingBytes, 'max_stanza_bytes', limits.maxStanzaBytes),
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
  ...sharedAddresses({ c2s, s2s, http }),
  ...exposures(http),
]

/** Two listeners at one place: the second would not start. */
const sharedAddresses = (config: Pick<ServerConfig, 'c2s' | 'http' | 's2s'>): ReadonlyArray<string> => {
  const all = listenersOf(config).flatMap(({ option, addresses }) => addresses.map(address => ({ option, address })))
  return all.flatMap(({ option, address }, index) => {
    const other = all.slice(0, index).find(before => isShared(before.address, address))
    if (other === undefined) return []
    const taken = other.option === option ? 'there before' : `in ${other.option}`
    return [
      `${option}: found "${addressText(address)}", allowed: an address of its own; "${addressText(other.address)}" is ${taken}`,
    ]
  })
}

/** 0 is any port that is free. */
const isShared = (one: ListenAddress, other: ListenAddress): boolean =>
  one.port === other.port &&
  one.port !== 0 &&
  (one.host === other.host || (isIPv4(one.host) && isIPv4(other.host) && [one.host, other.host].includes('0.0.0.0')))
