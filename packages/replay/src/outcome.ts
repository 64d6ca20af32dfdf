/** What a step came to, as it is recorded and compared. */
import type { Account, OldSession, Session } from '@smacks/core'
import { canonicalJson, type Fingerprint, hashOf } from './fingerprint.js'
import type { Outcome, SessionView, StepMade } from './recording.js'
import { effectView, plain, sessionView } from './view.js'

/** Tells outcomes; it remembers how sessions looked, so that each is looked at once. */
export type OutcomeOf<A> = (step: Pick<StepMade<A>, 'before' | 'after' | 'effects'>) => Outcome

/** All is told by value: a session that was replaced by one that looks the same did not change. */
export const createOutcomeOf = <A>(fingerprint: Fingerprint<A>): OutcomeOf<A> => {
  const looks = new WeakMap<Session<A>, Look>()

  const lookOf = (session: Session<A>): Look => {
    const known = looks.get(session)
    if (known !== undefined) return known
    const view = sessionView(session, fingerprint)
    const look = { view, text: canonicalJson(view) }
    looks.set(session, look)
    return look
  }

  const changedOf = (before: Account<A>, after: Account<A>): ReadonlyArray<SessionView> => {
    const views: Array<SessionView> = []
    for (const session of after.sessions) {
      const was = before.sessions.find(({ resource }) => resource === session.resource)
      if (was === session) continue
      if (was === undefined || lookOf(was).text !== lookOf(session).text) views.push(lookOf(session).view)
    }
    return views
  }

  return ({ before, after, effects }) => ({
    effects: effects.map(effect => effectView(effect, fingerprint)),
    sessions: before.sessions === after.sessions ? [] : changedOf(before, after),
    gone: before.sessions === after.sessions ? [] : goneOf(before, after),
    ...(areSame(before.oldSessions, after.oldSessions) ? {} : { oldSessions: after.oldSessions }),
  })
}

interface Look {
  readonly view: SessionView
  readonly text: string
}

const goneOf = <A>(before: Account<A>, after: Account<A>): ReadonlyArray<string> =>
  before.sessions.flatMap(({ resource }) =>
    after.sessions.some(session => session.resource === resource) ? [] : [resource],
  )

const areSame = (some: ReadonlyArray<OldSession>, others: ReadonlyArray<OldSession>): boolean =>
  some === others || canonicalJson(plain(some)) === canonicalJson(plain(others))

const digestDigits = 16

/** Stands for an outcome where a recording is to be small. */
export const digestOf = (outcome: Outcome): string => hashOf(plain(outcome), digestDigits)
