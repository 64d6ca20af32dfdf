/** Copies that are found in the queues of a state: at the beginning of a recording, or where an account is told anew. */
import type { Json } from '@smacks/codec'
import { type Account, advance, positionAt, type StanzaFacts, toArray } from '@smacks/core'
import type { Telling, Waiting } from './story.js'
import { fullJid } from './words.js'

/** The copies that wait in an account. */
export const findWaiting = (
  id: string,
  account: Account<Json>,
  isIt: (facts: StanzaFacts, stanza: Json) => boolean,
): ReadonlyArray<Waiting> =>
  account.sessions.flatMap(session => {
    if (session._tag === 'Unmanaged') return []
    const { acked, unacked } = session.outbound
    return toArray(unacked).flatMap(({ facts, stanza, at }, index): ReadonlyArray<Waiting> => {
      if (!isIt(facts, stanza)) return []
      const wasWritten = session._tag !== 'Connecting' && index < unacked.length - session.outbound.unsent.count
      return [
        {
          account: id,
          resource: session.resource,
          facts,
          submittedAt: at,
          number: advance(acked, index + 1),
          position: positionAt(session.outbound, index),
          writes: wasWritten ? 1 : 0,
        },
      ]
    })
  })

/** What the copies that are known become by those that are found, all of one account. Only news is told. */
export const reconcile = (
  known: ReadonlyArray<Waiting>,
  found: ReadonlyArray<Waiting>,
): { readonly waiting: ReadonlyArray<Waiting>; readonly tellings: ReadonlyArray<Telling> } => {
  const isIn = (copies: ReadonlyArray<Waiting>, copy: Waiting): boolean => copies.some(other => isSameCopy(other, copy))
  return {
    waiting: found.map(copy => {
      const same = known.find(other => isSameCopy(other, copy))
      return same === undefined ? copy : { ...same, facts: copy.facts }
    }),
    tellings: [
      ...known.filter(copy => !isIn(found, copy)).map(tellMissing),
      ...found.filter(copy => !isIn(known, copy)).map(tellFound),
    ],
  }
}

const tellFound = ({ account, resource, number }: Waiting): Telling => ({
  text: `was waiting in the session of ${fullJid(account, resource)} already when the recording came to know of it: number ${number}`,
})

const tellMissing = ({ account, resource, number }: Waiting): Telling => ({
  text: `does not wait in the session of ${fullJid(account, resource)} any more, says the state that was recorded here: number ${number}`,
})

const isSameCopy = (one: Waiting, other: Waiting): boolean =>
  one.resource === other.resource && one.position === other.position && one.submittedAt === other.submittedAt
