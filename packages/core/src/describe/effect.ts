/** Effects in prose. */
import type { DiscardReason, Effect, Notice, NoticedQueue } from '../effect.js'
import type { EndReason } from '../end-reason.js'
import { type DescribeStanza, describeByFacts } from './stanza.js'
import { counted, describeInstant, describeNonza, describeStreamError, describeUnacked } from './words.js'

/** What is to be done, in one line. */
export const describeEffect = <A>(effect: Effect<A>, describeStanza: DescribeStanza<A> = describeByFacts): string => {
  switch (effect._tag) {
    case 'AdoptConnection':
      return `let ${effect.connection} be the connection of ${effect.resource}`
    case 'ArmTimer':
      return `arm the timer ${effect.timer} of ${effect.resource}, due ${describeInstant(effect.due)}`
    case 'AwaitDrain':
      return `tell when ${effect.connection} has taken all of this`
    case 'CloseConnection':
      return effect.error === undefined
        ? `close ${effect.connection}`
        : `close ${effect.connection} with ${describeStreamError(effect.error)}`
    case 'Deliver':
      return `deliver ${describeStanza(effect.stanza, undefined)} from ${effect.resource}`
    case 'Discard':
      return `discard ${describeStanza(effect.stanza, effect.facts)}: ${discardReasons[effect.reason]}`
    case 'DisarmTimer':
      return `disarm the timer ${effect.timer} of ${effect.resource}`
    case 'DropConnection':
      return `drop ${effect.connection} without closing its stream`
    case 'EndSession':
      return `end the session of ${effect.resource}: ${describeEndReason(effect.reason)}`
    case 'ForgetKept':
      return `forget ${counted(effect.count, 'kept stanza')} of ${effect.resource}, from position ${effect.from} on`
    case 'ForgetOldSession':
      return `forget the h of ${effect.smId}`
    case 'KeepUnacked':
      return `keep of ${effect.resource}, from position ${effect.from} on, ${describeUnacked(effect.unacked, describeStanza)}`
    case 'Notify':
      return `tell of ${effect.resource}: ${describeNotice(effect.notice, describeStanza)}`
    case 'Redeliver':
      return `route ${describeStanza(effect.stanza, effect.facts)} anew`
    case 'RememberOldSession':
      return `remember h=${effect.h} of ${effect.smId}`
    case 'ReturnToSender':
      return `return ${describeStanza(effect.stanza, effect.facts)} to its sender${effect.condition === undefined ? '' : ` with ${effect.condition}`}`
    case 'SendNonza':
      return `send ${describeNonza(effect.nonza)} on ${effect.connection}`
    case 'SendStanza':
      return effect.delayedSince === undefined
        ? `send ${describeStanza(effect.stanza, effect.facts)} on ${effect.connection}`
        : `send ${describeStanza(effect.stanza, effect.facts)} again on ${effect.connection}, delayed since ${describeInstant(effect.delayedSince)}`
    case 'StoreOffline':
      return `store ${describeStanza(effect.stanza, effect.facts)} offline`
  }
}

const describeNotice = <A>(notice: Notice<A>, describeStanza: DescribeStanza<A>): string => {
  switch (notice._tag) {
    case 'AckDelayed':
      return `the ack is delayed, ${describeNoticed(notice, describeStanza)}`
    case 'HibernationStarted':
      return `hibernating until ${describeInstant(notice.deadline)}, ${describeNoticed(notice, describeStanza)}`
    case 'HibernationStanzaQueued':
      return `${describeStanza(notice.stanza, notice.facts)} waits for the hibernating client, ${notice.queueLength} unacked`
    case 'HibernationEnded': {
      const { outcome, hibernatedSince } = notice
      const how = outcome === 'resumed' ? 'resumed' : `over, since ${describeEndReason(outcome)}`
      return `${how}; it hibernated since ${describeInstant(hibernatedSince)}`
    }
  }
}

const describeNoticed = <A>({ unacked, inStorage = 0 }: NoticedQueue<A>, describeStanza: DescribeStanza<A>): string => {
  const here = describeUnacked(unacked, describeStanza)
  return inStorage === 0 ? here : `${here}, behind ${inStorage} in storage`
}

/** Why a session ended, in a few words. */
export const describeEndReason = (reason: EndReason): string => endReasons[reason]

const endReasons: Readonly<Record<EndReason, string>> = {
  closed: 'the peer closed the stream',
  evicted: 'it held more than is allowed',
  expired: 'hibernation took too long',
  failed: 'the peer did not resume it',
  lost: 'its line dropped and cannot be resumed',
  refused: 'the peer broke a rule',
  'remote-server-not-found': 'the other server was not found',
  'remote-server-timeout': 'the other server could not be reached in time',
  replaced: 'its resource was bound anew',
  stopped: 'the server stops',
}

const discardReasons: Readonly<Record<DiscardReason, string>> = {
  answer: 'nobody waits for the answer to an answer',
  answered: 'it was answered already',
  archived: 'its client reads it in the archive',
  copy: 'the original lives elsewhere',
  delivered: 'another session acked it',
  error: 'an error is never answered',
  held: 'another session has it still',
  presence: 'a presence is never answered',
  transient: 'nobody misses it',
}
