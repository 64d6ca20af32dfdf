/** What is asked for inside `<authenticate/>`: resumption (XEP-0198 §9.2), or Bind 2 (XEP-0386) with `<enable/>` (§9.1). */

import type { Element } from '@smacks/codec'
import type { Resource } from '@smacks/core'
import { fromInitiating, isSmNamed, namespaceOf, ns } from '@smacks/stream'
import { bindStep, hasRoom } from './bind.js'
import { clientState } from './bound.js'
import type { AuthenticatedStream } from './facts.js'
import { taggedResource } from './resource.js'
import { resumeStep } from './resume.js'
import type { InlineStep } from './step.js'

/** Resumes, if that is asked for. */
export const resumeInline = (stream: AuthenticatedStream, authenticate: Element): ReadonlyArray<InlineStep> => {
  const element = authenticate.getChildElements().find(isSmNamed('resume'))
  const step = element === undefined ? undefined : resumeStep(stream, element)
  switch (step?._tag) {
    case 'Resume':
      return [step]
    case 'Reply':
      return [put(step.xml)]
    default:
      return []
  }
}

/**
 * Binds a resource, if that is asked for, where nothing was resumed. Where there is no room for one more session nothing is
 * bound, and the client sees from the features that it still has to bind.
 */
export const bindInline = (stream: AuthenticatedStream, authenticate: Element): ReadonlyArray<InlineStep> => {
  const bind = authenticate.getChild('bind', ns.bind2)
  if (bind === undefined) return []
  const resource = taggedResource(stream.account, authenticate, bind, stream.side.freshId)
  if (!hasRoom(stream, resource)) return []
  const asked = bind.getChildElements()
  return [bindStep(stream, resource), enable(stream, resource, asked), ...initialState(stream, resource, asked)]
}

/** `<bound/>` of Bind 2 (XEP-0386 §3.2). */
export const boundElement = (inside: string): string => `<bound xmlns='${ns.bind2}'>${inside}</bound>`

const enable = (
  { origin, side }: AuthenticatedStream,
  resource: Resource,
  asked: ReadonlyArray<Element>,
): InlineStep => {
  const element = asked.find(isSmNamed('enable'))
  const received = element === undefined ? undefined : fromInitiating(element, origin(resource), side)
  if (received?._tag === 'Event' && received.event._tag === 'EnableReceived')
    return { _tag: 'Enable', question: received.event }
  return put(boundElement(received?._tag === 'Answer' ? received.xml : ''))
}

/** The session begins active or inactive, as the client says (XEP-0386 §3.2). */
const initialState = (
  { origin }: AuthenticatedStream,
  resource: Resource,
  asked: ReadonlyArray<Element>,
): ReadonlyArray<InlineStep> =>
  asked
    .filter(element => namespaceOf(element) === ns.csi)
    .flatMap(element => clientState(origin(resource), element) ?? [])
    .slice(0, 1)

const put = (xml: string): InlineStep => ({ _tag: 'Put', xml })
