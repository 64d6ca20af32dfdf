/** What became of a stanza, in one sentence. */
import type { Json } from '@smacks/codec'
import { type Account, type AccountId, sessionOf } from '@smacks/core'
import type { Clockface } from '../moments.js'
import type { Ending, Waiting } from './story.js'
import type { Told } from './teller.js'
import { fullJid, listed, times } from './words.js'

/** Whom the stanza is for, and whether the recording has anything of them. */
export interface Receiver {
  readonly account: AccountId | undefined
  readonly isRecorded: boolean
}

/** `accountNamed` gives accounts as the recording leaves them. */
export const verdictOf = (
  told: Told,
  receiver: Receiver,
  accountNamed: (account: AccountId) => Account<Json> | undefined,
  clockface: Clockface,
): string => {
  const acked = told.endings.filter(({ how }) => how === 'acked')
  const ends = [
    ...(acked.length === 0 ? [] : [describeAcked(acked, clockface)]),
    ...told.endings.filter(({ how }) => how !== 'acked').map(ending => describeEnding(ending, clockface)),
    ...told.waiting.map(copy => describeWaiting(copy, accountNamed(copy.account), clockface)),
  ]
  if (ends.length === 0) return describeUnsubmitted(told, receiver)
  return [listed(ends), ...remarks(told)].join('; ')
}

const describeAcked = (acked: ReadonlyArray<Ending>, clockface: Clockface): string =>
  `acked by ${listed(acked.map(({ account, resource, at }) => `${fullJid(account, resource)} at ${clockface(at)}`))}`

const describeEnding = ({ how, account, resource, at, isMissing }: Ending, clockface: Clockface): string => {
  const [who, when] = [fullJid(account, resource), `at ${clockface(at)}`]
  switch (how) {
    case 'acked':
      return `acked by ${who} ${when}`
    case 'discarded':
      return `discarded ${when}, when the session of ${who} ended`
    case 'returned':
      return `returned to its sender ${when}, since ${who} did not ack it`
    case 'rerouted':
      return `routed anew ${when}, since the session of ${who} was gone, and given to no other`
    case 'stored':
      return `stored offline for ${account} ${when}`
    case 'superseded':
      return `superseded ${when}, before it was written to ${who}: a later presence of its sender stands for it`
    case 'unknown':
      if (isMissing) return `not in the queue of ${who} any more ${when}, and the recording does not say why`
      return `unknown from ${clockface(at)} on, when the session of ${who} ended`
    case 'unsent':
      return `given back to its sender ${when}, since ${who} never had a connection`
    case 'unmanaged':
      return `written to ${who} ${when} without stream management, so nobody can say whether it arrived`
  }
}

const describeWaiting = (
  { account, resource, number }: Waiting,
  state: Account<Json> | undefined,
  clockface: Clockface,
): string => {
  const unacked = `still unacked by ${fullJid(account, resource)} at the end of the recording`
  const session = state === undefined ? undefined : sessionOf(state, resource)
  switch (session?._tag) {
    case 'Connecting':
      return `still waiting for the first connection of ${fullJid(account, resource)} at the end of the recording`
    case 'Negotiating':
      return `still waiting for the answer to <enable/> on ${session.connection} at the end of the recording`
    case 'Active':
    case 'Enabling':
      return `${unacked}: ${session.connection} is connected, its last h was ${session.outbound.acked}, and ${number} is needed`
    case 'Hibernating': {
      const { hibernation } = session.deadlines
      return `${unacked}: its client is away${hibernation === undefined ? '' : ` and can resume until ${clockface(hibernation)}`}`
    }
    case 'Resuming':
      return `${unacked}: resumption was requested on ${session.connection}, and not answered yet`
    default:
      return unacked
  }
}

/** How often it was delivered, and what nobody can know. */
const remarks = ({ endings, waiting, received }: Told): ReadonlyArray<string> => {
  const acked = endings.filter(({ how }) => how === 'acked')
  const lost = endings.filter(({ how, writes }) => how !== 'acked' && how !== 'unmanaged' && writes > 0)
  const isFound = [...endings, ...waiting].some(copy => copy.isFound)
  return [
    ...(isFound ? ['what happened to it before the recording came to know of it is not told'] : []),
    ...(!isFound && acked.length > 0 && waiting.length === 0 && endings.length === acked.length
      ? [acked.length === 1 ? 'delivered once' : `delivered ${times(acked.length)}, once to each of these`]
      : []),
    ...lost.map(
      ({ how, account, resource, writes, isFound: isPartly }) =>
        `it was written to ${fullJid(account, resource)} ${times(writes)}${isPartly ? ' at least' : ''} before that and ${how === 'unknown' ? 'not acked as far as is known' : 'never acked'}, so it may have arrived there all the same`,
    ),
    ...(received > 1 ? [`its sender sent it ${times(received)}`] : []),
  ]
}

const describeUnsubmitted = ({ received, refused }: Told, receiver: Receiver): string => {
  if (received === 0) return 'nothing more is known of it'
  if (refused === received) return 'never accepted: its sender has no ack for it, and has to send it again'
  return receiver.account !== undefined && !receiver.isRecorded
    ? `it came ${times(received)}; what became of it is not known, since the recording has nothing of ${receiver.account}`
    : `it came ${times(received)} and was submitted to no session in this recording: the application answered it, stored it or sent it elsewhere`
}
