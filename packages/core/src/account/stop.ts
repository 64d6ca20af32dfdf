/** The process stops. What outlives it hibernates; all else is ended, and nothing that waits in it is lost. */

import type { Config } from '../config.js'
import type { ServerStopping } from '../event.js'
import type { Instant } from '../ids.js'
import type { StreamError } from '../nonza.js'
import { isSome } from '../option.js'
import { closeStream, dropConnection } from '../session/closing.js'
import { hibernate } from '../session/hibernating.js'
import * as negotiating from '../session/negotiating.js'
import { continues, ends, type Outcome } from '../session/outcome.js'
import * as resuming from '../session/resuming.js'
import type { Account, Session } from '../state.js'
import type { AccountStep } from './account-step.js'
import { concludeAll } from './conclude-all.js'

export const stop = <A>(config: Config, account: Account<A>, { at, journalled }: ServerStopping): AccountStep<A> =>
  concludeAll(config, account, at, session =>
    journalled ? suspended(session, at) : ends(session, 'stopped', closeStream(session, shutdown)),
  )

const shutdown: StreamError = { condition: 'system-shutdown' }

/** What can be resumed waits in the journal, and its client sees no more than a line that drops. */
const suspended = <A>(session: Session<A>, at: Instant): Outcome<A> => {
  switch (session._tag) {
    case 'Active':
      return isSome(session.resumption)
        ? hibernate(session, session.resumption.value, at, dropConnection(session))
        : ends(session, 'lost', closeStream(session, shutdown))
    case 'Connecting':
    case 'Hibernating':
      return continues(session)
    case 'Negotiating':
      return negotiating.fallBack(session, closeStream(session, shutdown))
    case 'Resuming':
      return resuming.fallBack(session, dropConnection(session))
    case 'Enabling':
    case 'Unmanaged':
      return ends(session, 'lost', closeStream(session, shutdown))
  }
}
