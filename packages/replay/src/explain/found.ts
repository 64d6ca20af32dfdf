/** Copies that are found in the queues of a state: at the beginning of a recording, or where an account is told anew. */
import type { Json } from '@smacks/codec'
import {
  type Account,
  advance,
  type EndedSession,
  indexOf,
  positionAt,
  type Queue,
  type Session,
  type Settlement,
  type StanzaFacts,
  sessionOf,
  toArray,
} from '@smacks/core'
import type { Telling, Waiting } from './story.js'
import { fullJid } from './words.js'

/** The copies that wait in an account. */
export const findWaiting = (
  id: string,
  account: Account<Json>,
  isIt: (facts: StanzaFacts, stanza: Json) => boolean,
): ReadonlyArray<Waiting> => [
  ...account.sessions.flatMap(session => findIn(id, session, isIt, 0)),
  ...endedOf(account).flatMap(({ session, settled }) =>
    findIn(id, session, isIt, settled).map((copy): Waiting => ({ ...copy, isEnded: true })),
  ),
]

const findIn = (
  id: string,
  session: Session<Json>,
  isIt: (facts: StanzaFacts, stanza: Json) => boolean,
  settled: number,
): ReadonlyArray<Waiting> => {
  if (session._tag === 'Unmanaged') return []
  const { acked, unacked } = session.outbound
  return stated(unacked).flatMap(([{ facts, stanza, at }, index]): ReadonlyArray<Waiting> => {
    if (index < settled || !isIt(facts, stanza)) return []
    const isHeld = session._tag === 'Connecting' || session._tag === 'Negotiating'
    const wasWritten = !isHeld && index < unacked.length - session.outbound.unsent.count
    return [
      {
        account: id,
        resource: session.resource,
        facts,
        submittedAt: at,
        number: advance(acked, index + 1),
        position: positionAt(session.outbound, index),
        writes: wasWritten ? 1 : 0,
        isFound: true,
      },
    ]
  })
}

/** An ended session in which a copy waits to be settled. */
export const endedIn = (
  account: Account<Json>,
  { resource, position }: Waiting,
): (EndedSession<Json> & Pick<Settlement<Json>, 'isLast'>) | undefined =>
  endedOf(account).find(({ session, settled }) => {
    if (session._tag === 'Unmanaged' || session.resource !== resource) return false
    const index = indexOf(session.outbound, position)
    return index >= settled && index < session.outbound.unacked.length
  })

const endedOf = ({
  settlements = [],
}: Account<Json>): ReadonlyArray<EndedSession<Json> & Pick<Settlement<Json>, 'isLast'>> =>
  settlements.flatMap(({ isLast, ended }) => ended.map(one => ({ ...one, isLast })))

/** The values that a recorded state holds, with their places: what lies in storage is there as far as the step needed it. */
const stated = <V>({ unloaded, page, ...queue }: Queue<V>): ReadonlyArray<readonly [V, number]> => [
  ...(page?.values ?? []).map((value, index) => [value, (page?.index ?? 0) + index] as const),
  ...toArray({ ...queue, unloaded }).map((value, index) => [value, unloaded + index] as const),
]

/** True for a copy that lies in storage, and that the state says nothing of. */
const isUntold = (account: Account<Json>, copy: Waiting): boolean => {
  const { resource, position } = copy
  const session = copy.isEnded ? endedIn(account, copy)?.session : sessionOf(account, resource)
  if (session === undefined || !('outbound' in session)) return false
  const { unloaded, page } = session.outbound.unacked
  const index = indexOf(session.outbound, position)
  const isLoaded = page !== undefined && index >= page.index && index < page.index + page.values.length
  return index < unloaded && !isLoaded
}

interface Reconciled {
  readonly waiting: ReadonlyArray<Waiting>
  /** Those that the state has no more: what became of them is not recorded. */
  readonly missing: ReadonlyArray<Waiting>
  readonly tellings: ReadonlyArray<Telling>
}

/**
 * What the copies that are known become by those that are found, all of one account, whose state was recorded. Only news is
 * told.
 */
export const reconcile = (
  account: Account<Json>,
  known: ReadonlyArray<Waiting>,
  found: ReadonlyArray<Waiting>,
): Reconciled => {
  const isIn = (copies: ReadonlyArray<Waiting>, copy: Waiting): boolean => copies.some(other => isSameCopy(other, copy))
  const missing = known.filter(copy => !isIn(found, copy) && !isUntold(account, copy))
  return {
    missing,
    waiting: [
      ...known.filter(copy => isUntold(account, copy)),
      ...found.map(copy => {
        const same = known.find(other => isSameCopy(other, copy))
        return same === undefined ? copy : { ...same, facts: copy.facts }
      }),
    ],
    tellings: [...missing.map(tellMissing), ...found.filter(copy => !isIn(known, copy)).map(tellFound)],
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
