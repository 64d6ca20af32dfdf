/**
 * Answers to iqs, as stream management has to know of them: whoever asked has the answer, and needs no error if the session
 * that answered ends before it acked the question.
 */
import { formatJid, type Jid } from '@smacks/codec'
import { sessionOf } from '@smacks/core'
import type { AccountId } from '@smacks/runtime'
import type { Context } from './context.js'
import type { NoteAnswer } from './effect.js'
import type { Outgoing } from './outgoing.js'

/** A session answered an iq. */
export const noteAnswer = ({ runtime, clock }: Context, account: AccountId, { resource, id, to }: NoteAnswer): void => {
  const session = sessionOf(runtime.account(account), resource)
  // Mostly all is acked, and there is nothing to remember.
  if (session === undefined || session._tag === 'Unmanaged' || session.outbound.unacked.length === 0) return
  runtime.dispatch(account, { _tag: 'IqAnswered', at: clock.now(), resource, id, to })
}

/** An iq came from another server: what it answers may wait on the link to there. Both addresses are parsed. */
export const noteRemoteAnswer = ({ remotes }: Context, from: Jid, to: Jid, { facts: { type, id } }: Outgoing): void => {
  if (remotes === undefined || id === undefined || (type !== 'result' && type !== 'error')) return
  remotes.answered({ id, from: formatJid(from), to: formatJid(to) })
}
