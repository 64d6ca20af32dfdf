/** What must become of a session's stanzas when it ends: what was acked has no disposition, and all else has one. */
import type { Stanza } from '@smacks/codec'
import type { Effect } from '@smacks/core'
import type { Books, Judged } from './books.js'
import { type Disposition, dispositionOf, dueDisposition } from './dispositions.js'
import { outstanding } from './ledger.js'
import { type KnownSession, newSession } from './side.js'

/** A stanza that nobody acked, and what became of it or must. */
export interface Settled {
  readonly resource: string
  readonly id: string
  readonly disposition: Disposition
}

/** Ends the session, and says what must become of its stanzas. */
export const endSession = (
  books: Books,
  judged: Judged,
  { resource, reason }: Extract<Effect<Stanza>, { _tag: 'EndSession' }>,
): ReadonlyArray<Settled> => {
  const { side, known, event, fail } = judged
  const session = known.sessions.get(resource) ?? fail(`ends ${resource}, which has no session`)
  const unacked = session.ledger === undefined ? [] : outstanding(session.ledger, side)
  if (reason === 'evicted' && unacked.length <= books.config[side].queueCeiling) expectEldest(judged, session)
  known.sessions.delete(resource)
  known.ended.push(reason)
  books.count(`ended: ${reason}`)
  const ending = { side, reason, isLast: known.sessions.size === 0, usesArchive: session.usesArchive }
  if (event._tag === 'SessionBound' && event.resource === resource)
    known.sessions.set(resource, newSession(resource, event.connection))
  for (const id of unacked) known.unackedAt.set(id, reason)
  return unacked.map(id => {
    const facts = known.submitted.get(id) ?? fail(`has a stanza ${id} from nowhere`)
    return { resource, id, disposition: dueDisposition(books.config[side], ending, facts) }
  })
}

/** Too many hibernate: the one goes that does so longest. */
const expectEldest = ({ known, fail }: Judged, evicted: KnownSession): void => {
  const since = evicted.since ?? fail(`evicts ${evicted.resource}, which does not hibernate`)
  for (const { resource, since: other, connection } of known.sessions.values())
    if (connection === undefined && other !== undefined && other < since) fail(`evicts another than ${resource}`)
}

/** What a step settles, by its effects. */
export const settledBy = (effects: ReadonlyArray<Effect<Stanza>>): ReadonlyArray<Settled> =>
  effects.flatMap(effect => {
    const disposition = dispositionOf(effect)
    if (disposition === undefined || !('facts' in effect) || !('resource' in effect)) return []
    return [{ resource: effect.resource, id: effect.facts.id ?? '', disposition }]
  })

/** Exactly what must be settled is, each in its way, once, and each kind in the order of submission. */
export const checkSettled = (books: Books, judged: Judged, due: ReadonlyArray<Settled>): void => {
  const { known, event, effects, session, fail } = judged
  const settled = settledBy(effects)
  const rerouted: ReadonlyArray<Settled> =
    event._tag === 'StanzaSubmitted' && session === undefined
      ? [
          {
            resource: event.resource,
            id: event.facts.id ?? '',
            disposition: event.facts.copy ? 'discarded' : 'rerouted',
          },
        ]
      : []
  const all = [...due, ...rerouted]
  if (all.length === 0 && settled.length === 0) return
  for (const disposition of ['discarded', 'returned', 'stored', 'rerouted'] as const) {
    const [one, other] = [settled, all].map(list => list.filter(each => each.disposition === disposition).map(written))
    // A server that stops stores in the order of time what several sessions kept.
    if (event._tag === 'ServerStopping') for (const list of [one, other]) list?.sort()
    if (one?.join() !== other?.join())
      fail(`settles ${settled.map(written).join()}, but due is ${all.map(written).join()}`)
  }
  for (const { id, disposition } of settled) {
    if (known.dispositions.has(id)) fail(`settles ${id} twice`)
    known.dispositions.set(id, disposition)
    books.count(disposition)
  }
}

const written = ({ resource, id, disposition }: Settled): string => `${id} of ${resource} ${disposition}`
