/** What is sent again after a resumption: all that is unacked, in its first order (XEP-0198 §5). */
import type { SendStanza } from '../effect.js'
import { type Queue, toArray } from '../queue.js'
import type { ConnectionId, Unacked } from '../state.js'

export const resend = <A>(connection: ConnectionId, unacked: Queue<Unacked<A>>): ReadonlyArray<SendStanza<A>> =>
  toArray(unacked).map(({ stanza, facts, at }) => ({
    _tag: 'SendStanza',
    connection,
    stanza,
    facts,
    delayedSince: at,
  }))
