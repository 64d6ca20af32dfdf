/** What is wrong with a configuration though each of its values is allowed. */
import { shown } from './describe.js'
import type { Limits, ServerConfig } from './server-config.js'

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
export const contradictions = ({ c2s, s2s, tls, domains, limits, record }: ServerConfig): ReadonlyArray<string> => [
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
