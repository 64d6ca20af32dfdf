/**
 * The rules that decide what becomes of a stanza, each in one line: what it says, the section of the standard, and the
 * option with its value where one decided. Options are named as in the configuration file.
 */
import type { Config, DiscardReason, EndReason, Event, StanzaFacts } from '@smacks/core'

/** A `Config` key as the configuration file spells it; those that no file has keep their own names. */
const optionNames: Readonly<Record<keyof Config, string>> = {
  hibernationTime: 'smacks_hibernation_time',
  maxQueueSize: 'smacks_max_queue_size',
  enabledS2s: 'smacks_enabled_s2s',
  s2sResend: 'smacks_s2s_resend',
  maxUnackedStanzas: 'smacks_max_unacked_stanzas',
  maxInactiveUnackedStanzas: 'smacks_max_inactive_unacked_stanzas',
  maxAckDelay: 'smacks_max_ack_delay',
  maxOldSessions: 'smacks_max_old_sessions',
  offlineStorage: 'offline_storage',
  queueStorage: 'queueStorage',
  maxHibernatingSessions: 'hibernating_sessions_per_user',
  probeTimeout: 'probeTimeout',
  requestHold: 'requestHold',
  queueCeiling: 'queueCeiling',
  maxQueueBytes: 'queue_bytes_per_session',
  maxAccountQueueBytes: 'queue_bytes_per_user',
  maxQueueBytesInMemory: 'maxQueueBytesInMemory',
  acksCoverSentOnly: 'acksCoverSentOnly',
  limitsAlwaysHold: 'limitsAlwaysHold',
  rememberBroken: 'rememberBroken',
}

/** Such as `smacks_max_queue_size = 500`. */
export const option = (config: Config, key: keyof Config): string => `${optionNames[key]} = ${config[key]}`

// Received

export const counts =
  'a stanza counts once we take responsibility for it, whatever the answer to it will be (XEP-0198 §4)'
export const countsNotYet = 'nothing is counted before stream management is enabled (XEP-0198 §3)'
export const countsFromEnabled = "the peer's stanzas count from its <enabled/> on (XEP-0198 §4, note)"
export const isVoid =
  "what comes on a connection that is not the session's any more does not count: its sender has no ack for it, and sends it again after <resumed/> (XEP-0198 §5)"
export const tellsSender =
  'up to its h everything is our responsibility, and its sender need not send it again (XEP-0198 §4)'
export const tellsLateSender = (config: Config): string =>
  `the h of sessions that ended is kept for clients that come too late, ${option(config, 'maxOldSessions')} (XEP-0198 §5)`

// Submitted and waiting

export const isKept = "a stanza is kept until the peer's h covers it (XEP-0198 §4)"
export const isNotKept =
  'without stream management a stanza is written once, and nobody acks it (RFC 6120 §4.6 promises no more)'
export const waitsForClient = 'what comes for a disconnected session waits for its client to resume (XEP-0198 §5)'
export const supersedes =
  'presence is state: of two of one sender only the later says anything, so what nobody was sent need not be (RFC 6121 §4)'
export const waitsForPage =
  'what is sent after a resumption goes out in pages, each when the connection took the one before, in its first order (XEP-0198 §5)'
export const waitsForResumed = 'nothing is sent before <resumed/> came, so that the order is kept (XEP-0198 §5)'
export const sendsBehindEnable =
  'what waited for a connection is sent once <enable/> is, and counts from there (XEP-0198 §4)'
export const waitsForEnabled =
  'nothing is sent before <enabled/> came, so that a line that breaks loses and doubles nothing'
export const sendsAfterEnabled =
  'what was held until the answer to <enable/> is sent then, and counts from its start (XEP-0198 §4)'
export const waitsForConnection = 'nothing can be sent before there is a connection'
export const othersHaveIt =
  'a message that several sessions are given has one disposition, whoever of them takes it (XEP-0198 §4, XEP-0280)'
export const hasNoSession =
  'a stanza for a resource that is gone is routed as for one that is unavailable (RFC 6121 §8.5.3.2)'

export const asks = (config: Config, inactive: boolean): string => {
  const key = inactive ? 'maxInactiveUnackedStanzas' : 'maxUnackedStanzas'
  const whose = inactive ? ', since the client is inactive (XEP-0352)' : ''
  return `an ack is requested when more than ${config[key]} are unacked: ${option(config, key)}${whose} (XEP-0198 §4)`
}
export const asksWhenAwake = 'a client that became active is asked what it has (XEP-0352 §5, XEP-0198 §4)'
export const asksTheSilent = (config: Config): string =>
  `a silent line is asked whether it lives, and has ${option(config, 'probeTimeout')} s for the answer (XEP-0198 §4)`
export const asksAfterResumption = 'after a resumption an ack is requested for what was sent again (XEP-0198 §5)'
export const asksNotYet = (config: Config, inactive: boolean): string => {
  const key = inactive ? 'maxInactiveUnackedStanzas' : 'maxUnackedStanzas'
  return `${option(config, key)} allows as many unacked (XEP-0198 §4)`
}
export const isAskedAlready = 'an <r/> is unanswered already, and one is outstanding at a time (XEP-0198 §4)'
export const isHeld = (config: Config): string =>
  `after <enabled/> there is no <r/> for ${option(config, 'requestHold')} s, since some clients reset their count a moment after it`
export const isDelayed = (config: Config): string =>
  `an ack request may be unanswered for ${option(config, 'maxAckDelay')} s, then smacks-ack-delayed is told; the session goes on`

// Acked

export const acks = 'the h of an <a/> counts what its sender handled (XEP-0198 §4)'
export const acksByResume =
  'the h in <resume/> and <resumed/> is an ack: what it covers had arrived, and is not sent again (XEP-0198 §5)'
export const acksByFailed = 'the h in <failed/> says what had arrived before the session ended (XEP-0198 §5)'

export const isNotTold = 'what waited was in storage, and is not part of this recording'

// Line and resumption

export const hibernates = (config: Config, seconds: number): string =>
  `a line that drops without </stream:stream> leaves a session that its client can resume for ${lasting(config, seconds)} (XEP-0198 §7)`
export const hibernatesUnanswered = (config: Config, seconds: number): string =>
  `the <r/> to a silent line was unanswered for ${option(config, 'probeTimeout')} s, so the line is taken for dead; the client can resume for ${lasting(config, seconds)} (XEP-0198 §7)`
export const resends =
  'after <resumed/> everything the h of the other side does not cover is sent again, in its first order (XEP-0198 §5)'
export const takesOver =
  'a session whose client resumes it elsewhere is taken over; the old connection is closed with conflict (XEP-0198 §5)'
/** Why a `<resume/>` was answered with `<failed/>` of this condition. */
export const isRefusedResumption = (config: Config, condition: string): string => {
  if (condition === 'item-not-found')
    return 'no session of the account has this SM-ID, or it is over: then its h is told, if it is remembered (XEP-0198 §5)'
  if (condition === 'feature-not-implemented') return `${option(config, 'hibernationTime')} allows no resumption`
  if (condition === 'resource-constraint')
    return `a session with more unacked stanzas than ${option(config, 'maxQueueSize')} cannot be resumed; it waits on, and a higher h may still resume it`
  if (condition === 'unexpected-request')
    return 'the connection has a session already, or the namespace is not the one that was agreed (XEP-0198 §3)'
  return 'the h in <resume/> is not between what was acked and what was sent (XEP-0198 §6); the session waits on'
}

const lasting = (config: Config, seconds: number): string =>
  seconds === config.hibernationTime
    ? `${option(config, 'hibernationTime')} s`
    : `${seconds} s, the max that was agreed (${option(config, 'hibernationTime')})`

// Ends

/** Why a session ended. `seconds` is how long it could hibernate. */
export const ends = (config: Config, reason: EndReason, event: Event<unknown>, seconds: number | undefined): string => {
  switch (reason) {
    case 'closed':
      return event._tag === 'CloseRequested'
        ? 'the session was closed by us (XEP-0198 §7)'
        : 'a stream that was closed with </stream:stream> ends its session (XEP-0198 §7)'
    case 'evicted':
      return isSubmission(event)
        ? isTooMuch(config)
        : `one session more started to hibernate than ${option(config, 'maxHibernatingSessions')} allows, and this one hibernated longest`
    case 'expired':
      return `hibernation took longer than ${seconds === undefined ? option(config, 'hibernationTime') : lasting(config, seconds)} (XEP-0198 §5)`
    case 'failed':
      return 'the peer did not resume the session (XEP-0198 §5)'
    case 'lost':
      return config.hibernationTime > 0
        ? 'the line dropped, and resumption was not agreed (XEP-0198 §5)'
        : `the line dropped, and ${option(config, 'hibernationTime')} allows no resumption (XEP-0198 §5)`
    case 'refused':
      return refuses(config, event)
    case 'remote-server-not-found':
      return 'the other server was not found (RFC 6120 §8.3.3.16)'
    case 'remote-server-timeout':
      return 'the other server could not be reached in time (RFC 6120 §8.3.3.17)'
    case 'replaced':
      return 'a resource that is bound anew ends the session that had it (RFC 6120 §7.7.2.2)'
    case 'stopped':
      return 'the server stopped, and sessions do not outlive it'
  }
}

const refuses = (config: Config, event: Event<unknown>): string => {
  switch (event._tag) {
    case 'AckReceived':
      return `<a h='${event.h}'/> acks what was never sent, or less than before, so no count can be trusted any more (XEP-0198 §6)`
    case 'MalformedAckReceived':
      return `an <a/> needs an h, and this one had none that can be: ${event.reason} (XEP-0198 §4)`
    case 'MessageSubmitted':
    case 'StanzaSubmitted':
      return isTooMuch(config)
    case 'StreamRefused':
      return `the stream error ${event.error.condition} of ours ends the session for good (RFC 6120 §4.9)`
    default:
      return 'a stream error of ours ends the session for good (RFC 6120 §4.9)'
  }
}

const isSubmission = ({ _tag }: Event<unknown>): boolean => _tag === 'StanzaSubmitted' || _tag === 'MessageSubmitted'

const isTooMuch = (config: Config): string =>
  `more was unacked than ${option(config, 'queueCeiling')}, ${option(config, 'maxQueueBytes')} or ${option(config, 'maxAccountQueueBytes')} allows, so that memory stays bounded`

export const stores = (config: Config, reason: EndReason): string =>
  reason === 'stopped'
    ? `a server that stops stores the messages of all sessions, ${option(config, 'offlineStorage')} (XEP-0160)`
    : `it was the last session of the account, ${option(config, 'offlineStorage')}; chat and normal messages are stored (XEP-0160 §3, XEP-0198 §4)`

/** Why a stanza was returned and neither stored nor routed anew. */
export const returns = (config: Config, facts: StanzaFacts, isLast: boolean): string => {
  if (facts.name !== 'message' || (facts.type !== 'chat' && facts.type !== 'normal'))
    return `${facts.name === 'iq' ? 'an iq' : `a ${facts.name} of type ${facts.type}`} is not stored but returned with recipient-unavailable (XEP-0198 §4, XEP-0160 §3)`
  if (!config.offlineStorage) return `${option(config, 'offlineStorage')}, so messages are returned (XEP-0198 §4)`
  return isLast
    ? 'what a session leaves unacked is returned with recipient-unavailable (XEP-0198 §4)'
    : 'other sessions of the account are left, so it is not stored but returned with recipient-unavailable (XEP-0198 §4)'
}

/** Why what this side wanted to send was given back and not routed anew. */
export const returnsOwn = (
  config: Config,
  { again }: StanzaFacts,
  reason: EndReason,
  neverConnected: boolean,
): string => {
  if (neverConnected) return 'what never had a connection to go over comes back to its application'
  if (!config.s2sResend)
    return `what a session leaves unacked comes back to its application (XEP-0198 §4): ${option(config, 's2sResend')}`
  return again !== undefined && reason !== 'stopped'
    ? 'it was routed anew once already, and it must not go in circles'
    : 'nobody is left to route it anew when the process stops'
}

export const routesOwnAnew = (config: Config): string =>
  `what a dead link leaves unacked is routed anew, once: ${option(config, 's2sResend')}`

export const routesAnew =
  'the line cannot be resumed and other sessions are left: a message to the full JID goes where it goes without this one (RFC 6121 §8.5.3.2)'

export const discards: Readonly<Record<DiscardReason, string>> = {
  answer: 'the answer to a question is not answered itself (RFC 6120 §8.2.3)',
  answered: 'it was answered already, though not acked, and an iq gets one answer (RFC 6120 §8.2.3)',
  archived: 'the archive has it, and the client reads its archive (XEP-0313)',
  copy: 'it is a copy; the original has a life of its own (XEP-0280, XEP-0313)',
  delivered: 'another session of the account was given it too, and acked it',
  error: 'an error is never answered (RFC 6120 §8.3.1)',
  held: 'another session of the account was given it too and may still take it; if none does, the last that ends settles it',
  presence: 'a presence is never answered; a later one takes its place (RFC 6121 §4)',
  transient: 'it says nothing that matters later, so nobody misses it (XEP-0085, XEP-0160 §3, XEP-0333)',
}
