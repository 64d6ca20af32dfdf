/** What a step came to, as it is recorded and compared. */
import { type Account, type OldSession, type Session, sessionOf } from '@smacks/core'
import { firstDifference } from './difference.js'
import { type Fingerprint, hashOf } from './fingerprint.js'
import type { Outcome, SessionView, StepMade } from './recording.js'
import { effectView, plain, sessionView } from './view.js'

/** Tells outcomes; it remembers how sessions looked, so that each is looked at once. */
export type OutcomeOf<A> = (step: Pick<StepMade<A>, 'before' | 'after' | 'effects'>) => Outcome

/** All is told by value: a session that was replaced by one that looks the same did not change. */
export const createOutcomeOf = <A>(fingerprint: Fingerprint<A>): OutcomeOf<A> => {
  const views = new WeakMap<Session<A>, SessionView>()

  const viewOf = (session: Session<A>): SessionView => {
    const known = views.get(session)
    if (known !== undefined) return known
    const view = sessionView(session, fingerprint)
    views.set(session, view)
    return view
  }

  const changedOf = (before: Account<A>, after: Account<A>): ReadonlyArray<SessionView> => {
    const changed: Array<SessionView> = []
    for (const session of after.sessions) {
      const was = sessionOf(before, session.resource)
      if (was === session) continue
      if (was === undefined || firstDifference(viewOf(was), viewOf(session)) !== undefined)
        changed.push(viewOf(session))
    }
    return changed
  }

  return ({ before, after, effects }) => ({
    effects: effects.map(effect => effectView(effect, fingerprint)),
    sessions: before.sessions === after.sessions ? [] : changedOf(before, after),
    gone: before.sessions === after.sessions ? [] : goneOf(before, after),
    ...(areSame(before.oldSessions, after.oldSessions) ? {} : { oldSessions: after.oldSessions }),
  })
}

const goneOf = <A>(before: Account<A>, after: Account<A>): ReadonlyArray<string> =>
  before.sessions.flatMap(({ resource }) =>
    after.sessions.some(session => session.resource === resource) ? [] : [resource],
  )

const areSame = (some: ReadonlyArray<OldSession>, others: ReadonlyArray<OldSession>): boolean =>
  some === others || firstDifference(plain(some), plain(others)) === undefined

export const digestDigits = 16

/** Stands for an outcome where a recording is to be small. */
export const digestOf = (outcome: Outcome): string => hashOf(plain(outcome), digestDigits)
