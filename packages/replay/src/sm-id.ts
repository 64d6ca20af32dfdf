/** The SM-ID of a session. */
import type { Session } from '@smacks/core'
import { isSome } from '#fp-ts/Option'

/** The SM-ID by which a session can be resumed (XEP-0198 §5). */
export const smIdOf = <A>(session: Session<A>): string | undefined => {
  switch (session._tag) {
    case 'Active':
      return isSome(session.resumption) ? session.resumption.value.smId : undefined
    case 'Hibernating':
    case 'Resuming':
      return session.resumption.smId
    case 'Enabling':
    case 'Unmanaged':
      return undefined
  }
}
