/**
 * One line for an effect or a session, short enough to compare at a glance. Times are seconds since the start of
 * the story. The resource is only named where it is not the story's first one, `phone`.
 */
import {
  type Account,
  type Effect,
  type EndedSession,
  type Instant,
  type Nonza,
  type Notice,
  type NoticedQueue,
  type Resource,
  type Session,
  type StreamError,
  toArray,
} from '@smacks/core'
import { isSome } from '#fp-ts/Option'

/** The resource that goes without saying. */
export const firstResource = 'phone'

/** How to write a payload. */
export type Label<A> = (stanza: A) => string

/** `Resumed h=0 previd=sm-1`. A version is named if it is not `urn:xmpp:sm:3`. */
export const nonzaLine = (nonza: Nonza): string => {
  const version = nonza.version === 'urn:xmpp:sm:3' ? [] : ['sm:2']
  return [nonza._tag, ...attributes(nonza), ...version].join(' ')
}

const attributes = (nonza: Nonza): ReadonlyArray<string> => {
  switch (nonza._tag) {
    case 'Ack':
      return [`h=${nonza.h}`]
    case 'Request':
      return []
    case 'Enable':
      return [...flag('resume', nonza.resume), ...field('max', nonza.max)]
    case 'Enabled':
      return [
        ...flag('resume', nonza.resume),
        ...field('id', nonza.id),
        ...field('max', nonza.max),
        ...field('location', nonza.location),
      ]
    case 'Resume':
    case 'Resumed':
      return [`h=${nonza.h}`, `previd=${nonza.previd}`]
    case 'Failed':
      return [nonza.condition, ...field('h', nonza.h), ...tooHigh(nonza.tooHigh)]
  }
}

/** `undefined-condition, handled-count-too-high h=7 send-count=3`. The text is left out. */
export const streamErrorLine = (error: StreamError): string => [error.condition, ...tooHigh(error.tooHigh)].join(' ')

const tooHigh = (counts: { readonly h: number; readonly sendCount: number } | undefined): ReadonlyArray<string> =>
  counts === undefined ? [] : [`handled-count-too-high h=${counts.h} send-count=${counts.sendCount}`]

const field = (name: string, value: string | number | undefined): ReadonlyArray<string> =>
  value === undefined ? [] : [`${name}=${value}`]

const flag = (name: string, value: boolean): ReadonlyArray<string> => (value ? [name] : [])

/** A moment as seconds since the start: `600s`. */
export const momentOf = (at: Instant, start: Instant): string => `${(at - start) / 1000}s`

/** `SendStanza m2 (delayed) -> c2`. */
export const effectLine = <A>(effect: Effect<A>, label: Label<A>, start: Instant): string => {
  switch (effect._tag) {
    case 'SendNonza':
      return `${nonzaLine(effect.nonza)} -> ${effect.connection}`
    case 'SendStanza':
      return `SendStanza ${label(effect.stanza)}${effect.delayedSince === undefined ? '' : ' (delayed)'} -> ${effect.connection}`
    case 'AwaitDrain':
      return `AwaitDrain ${effect.connection}`
    case 'CloseConnection':
      return `CloseConnection ${effect.connection}${effect.error === undefined ? '' : ` (${streamErrorLine(effect.error)})`}`
    case 'DropConnection':
      return `DropConnection ${effect.connection}`
    case 'AdoptConnection':
      return `AdoptConnection ${effect.connection}${of(effect.resource)}`
    case 'ArmTimer':
      return `ArmTimer ${effect.timer} at ${momentOf(effect.due, start)}${of(effect.resource)}`
    case 'DisarmTimer':
      return `DisarmTimer ${effect.timer}${of(effect.resource)}`
    case 'Discard':
      return `Discard ${label(effect.stanza)} (${effect.reason})${of(effect.resource)}`
    case 'ReturnToSender':
      return `ReturnToSender ${label(effect.stanza)}${effect.condition === undefined ? '' : ` (${effect.condition})`}${of(effect.resource)}`
    case 'Deliver':
    case 'Redeliver':
    case 'StoreOffline':
      return `${effect._tag} ${label(effect.stanza)}${of(effect.resource)}`
    case 'KeepUnacked':
      return `KeepUnacked ${effect.unacked.map(({ stanza }) => label(stanza)).join(' ')} from=${effect.from}${of(effect.resource)}`
    case 'ForgetKept':
      return `ForgetKept ${effect.count} from=${effect.from}${of(effect.resource)}`
    case 'EndSession':
      return `EndSession (${effect.reason})${of(effect.resource)}`
    case 'RememberOldSession':
      return `RememberOldSession ${effect.smId} h=${effect.h}`
    case 'ForgetOldSession':
      return `ForgetOldSession ${effect.smId}`
    case 'Notify':
      return `Notify ${noticeLine(effect.notice, label, start)}${of(effect.resource)}`
  }
}

const noticeLine = <A>(notice: Notice<A>, label: Label<A>, start: Instant): string => {
  switch (notice._tag) {
    case 'AckDelayed':
      return `AckDelayed ${noticedQueue(notice)}`
    case 'HibernationStarted':
      return `HibernationStarted ${noticedQueue(notice)} until ${momentOf(notice.deadline, start)}`
    case 'HibernationStanzaQueued':
      return `HibernationStanzaQueued ${label(notice.stanza)} length=${notice.queueLength}`
    case 'HibernationEnded':
      return `HibernationEnded (${notice.outcome}) since ${momentOf(notice.hibernatedSince, start)}`
  }
}

const noticedQueue = ({ unacked, inStorage }: NoticedQueue<unknown>): string =>
  `unacked=${unacked.length}${inStorage === undefined ? '' : ` (and ${inStorage} kept)`}`

const of = (resource: Resource): string => (resource === firstResource ? '' : ` of ${resource}`)

/** The account in as many lines as it has sessions, then its old sessions in one. */
export const accountLines = <A>(account: Account<A>, label: Label<A>, start: Instant): ReadonlyArray<string> => {
  const old = account.oldSessions.map(({ smId, h }) => `${smId} h=${h}`)
  const lines = [
    ...account.sessions.map(session => sessionLine(session, label, start)),
    ...(account.settlements ?? []).flatMap(({ ended }) => ended.map(endedLine)),
    ...(old.length === 0 ? [] : [`old sessions: ${old.join(', ')}`]),
  ]
  return lines.length === 0 ? ['nothing'] : lines
}

const endedLine = ({ session, reason, settled }: EndedSession<unknown>): string =>
  `${session.resource}: ended (${reason}) settled=${settled}`

const sessionLine = <A>(session: Session<A>, label: Label<A>, start: Instant): string =>
  `${session.resource}: ${session._tag}${details(session, label, start)
    .map(detail => ` ${detail}`)
    .join('')}`

const details = <A>(session: Session<A>, label: Label<A>, start: Instant): ReadonlyArray<string> => {
  if (session._tag === 'Unmanaged') return [session.connection]
  const { unloaded } = session.outbound.unacked
  const here = toArray(session.outbound.unacked).map(({ stanza }) => label(stanza))
  const unacked = unloaded === 0 ? here : [`(${unloaded} kept)`, ...here]
  const { sizes } = session.outbound
  const bytes = sizes === undefined ? [] : [`bytes=${sizes.total}`]
  const outbound = [`acked=${session.outbound.acked}`, `unacked=[${unacked.join(' ')}]`, ...bytes]
  switch (session._tag) {
    case 'Connecting':
      return [...outbound, `since=${momentOf(session.since, start)}`]
    case 'Negotiating':
      return [session.connection, ...outbound, `since=${momentOf(session.since, start)}`]
    case 'Enabling':
      return [session.connection, ...outbound]
    case 'Active':
      return [
        session.connection,
        `h=${session.inbound.handled}`,
        ...outbound,
        ...(isSome(session.resumption) ? [`resumable=${session.resumption.value.seconds}s`] : []),
        ...flag('inactive', session.client === 'inactive'),
        ...flag('awaiting-ack', session.request.awaiting),
      ]
    case 'Hibernating':
      return [`h=${session.inbound.handled}`, ...outbound, `since=${momentOf(session.since, start)}`]
    case 'Resuming':
      return [session.connection, `h=${session.inbound.handled}`, ...outbound]
  }
}
