/** The process stops. What outlives it hibernates; all else is ended, and nothing that waits in it is lost. */
import type { Config } from '../config.js'
import type { Effect } from '../effect.js'
import type { ServerStopping } from '../event.js'
import { isSome } from '../option.js'
import { hibernate } from '../session/hibernating.js'
import { goesOn, type Outcome, over } from '../session/outcome.js'
import * as resuming from '../session/resuming.js'
import { type Account, connectionOf, type Instant, type Session } from '../state.js'
import { concludeAll } from './conclude-all.js'
import type { AccountStep } from './end.js'

export const stop = <A>(config: Config, account: Account<A>, { at, journalled }: ServerStopping): AccountStep<A> =>
  concludeAll(config, account, at, session =>
    journalled ? suspended(session, at) : over(session, 'stopped', farewell(session)),
  )

/** What can be resumed waits in the journal; its client is told that the stream ends, not the session. */
const suspended = <A>(session: Session<A>, at: Instant): Outcome<A> => {
  const closing = farewell(session)
  switch (session._tag) {
    case 'Active':
      return isSome(session.resumption)
        ? hibernate(session, session.resumption.value, at, closing)
        : over(session, 'lost', closing)
    case 'Connecting':
    case 'Hibernating':
      return goesOn(session)
    case 'Resuming':
      return resuming.fallBack(session, closing)
    case 'Enabling':
    case 'Unmanaged':
      return over(session, 'lost', closing)
  }
}

const farewell = <A>(session: Session<A>): ReadonlyArray<Effect<A>> => {
  const connection = connectionOf(session)
  if (connection === undefined) return []
  const close: Effect<A> = { _tag: 'CloseConnection', connection, error: { condition: 'system-shutdown' } }
  if (session._tag !== 'Active') return [close]
  const { version, inbound } = session
  return [{ _tag: 'SendNonza', connection, nonza: { _tag: 'Ack', version, h: inbound.handled } }, close]
}
