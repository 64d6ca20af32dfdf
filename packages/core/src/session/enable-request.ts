/** How a session asks for stream management (XEP-0198 §3), whatever phase it is in. Initiating role. */

import type { Effect } from '../effect.js'
import type { EnableRequested } from '../event.js'
import type { Instant } from '../ids.js'
import type { Outbound } from '../state.js'
import { type Continues, continues } from './outcome.js'

/** `<enable/>`, as it was requested. */
export const enableEffect = ({ connection, version, resume, max }: EnableRequested): Effect<never> => ({
  _tag: 'SendNonza',
  connection,
  nonza: max === undefined ? { _tag: 'Enable', version, resume } : { _tag: 'Enable', version, resume, max },
})

/** It is asked for, and `outbound`, which waits since then or before, is held until the answer. Nothing of it was sent. */
export const negotiate = <A>(event: EnableRequested, outbound: Outbound<A>, since: Instant): Continues<A> => {
  const { resource, connection, version, resume } = event
  return continues<A>({ _tag: 'Negotiating', resource, connection, version, resume, outbound, since }, [
    enableEffect(event),
  ])
}
