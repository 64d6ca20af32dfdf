/** `<resume/>` on an authenticated stream (XEP-0198 §5). */
import type { Element } from '@smacks/codec'
import { fromInitiating, type Refuse, type Reply, refuse, reply, unknownElement } from '@smacks/stream'
import type { AuthenticatedStream } from './facts.js'
import type { Resume } from './step.js'

/** What an element named `resume` means: a question to the account, or if it makes no sense an answer. */
export const resumeStep = ({ origin, side }: AuthenticatedStream, element: Element): Refuse | Reply | Resume => {
  // Which resource it is, the account will say.
  const received = fromInitiating(element, origin(''), side)
  if (received._tag === 'Answer') return reply(received.xml)
  return received._tag === 'Event' && received.event._tag === 'ResumeReceived'
    ? { _tag: 'Resume', question: received.event }
    : refuse(unknownElement(element))
}
