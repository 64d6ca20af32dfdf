/** What is asked for inside `<authenticate/>`: resumption (XEP-0198 §9.2), or Bind 2 (XEP-0386) with `<enable/>` (§9.1). */
import { decodeNonza, type Element } from '@smacks/codec'
import type { AccountId } from '@smacks/runtime'
import { isSmNamed, namespaceOf, ns } from '@smacks/stream'
import { isLeft } from '#fp-ts/Either'
import { hasRoom, startSession } from './bind.js'
import { boundElement } from './bound.js'
import type { ClientStream } from './client-stream.js'
import { taggedResource } from './resource.js'
import { askToResume, decodeResume, malformedNonza, malformedResume } from './resume.js'
import type { SuccessFrame } from './success-frame.js'

/** Resumes if that is asked for; true if the old stream goes on. */
export const resumeInline = (
  stream: ClientStream,
  account: AccountId,
  request: Element,
  success: SuccessFrame,
): boolean => {
  const element = request.getChildElements().find(isSmNamed('resume'))
  if (element === undefined) return false
  const resume = decodeResume(element)
  if (resume === undefined) {
    success.put(malformedResume(stream, account, element))
    return false
  }
  const isResumed = askToResume(
    stream,
    account,
    resume,
    success.keepPlace(xml => xml),
  )
  if (stream.phase._tag === 'Bound') success.identity = stream.phase.fullJid
  return isResumed
}

/**
 * Binds a resource if that is asked for. Where there is no room for one more session nothing is bound, and the client
 * sees from the features that it still has to bind.
 */
export const bindInline = (stream: ClientStream, account: AccountId, request: Element, success: SuccessFrame): void => {
  const bind = request.getChild('bind', ns.bind2)
  if (bind === undefined) return
  const resource = taggedResource(account, request, bind, stream.options.entropy)
  if (!hasRoom(stream, account, resource)) return
  startSession(stream, account, resource)
  success.identity = `${account}/${resource}`
  const asked = bind.getChildElements()
  const enable = asked.find(isSmNamed('enable'))
  if (enable === undefined) success.put(bound(''))
  else enableInline(stream, enable, success)
  setClientState(stream, asked)
}

const enableInline = (stream: ClientStream, enable: Element, success: SuccessFrame): void => {
  const decoded = decodeNonza(enable)
  if (isLeft(decoded) || decoded.right._tag !== 'Enable') return success.put(bound(malformedNonza(enable)))
  if (stream.phase._tag !== 'Bound') return success.put(bound(''))
  const { account, resource } = stream.phase
  const { version, resume, max } = decoded.right
  const { options, connection } = stream
  const where = { at: options.clock.now(), resource, connection: connection.id }
  const asked = { version, resume, freshId: options.entropy.freshId(), ...(max === undefined ? {} : { max }) }
  options.runtime.ask(account, { _tag: 'EnableReceived', ...where, ...asked }, success.keepPlace(bound))
}

/** The session begins active or inactive, as the client says (XEP-0386 §3.2). */
const setClientState = (stream: ClientStream, asked: ReadonlyArray<Element>): void => {
  const state = asked.find(
    element => namespaceOf(element) === ns.csi && (element.getName() === 'active' || element.getName() === 'inactive'),
  )
  if (state !== undefined && stream.phase._tag === 'Bound') boundElement(stream, stream.phase, state)
}

const bound = (inside: string): string => `<bound xmlns='${ns.bind2}'>${inside}</bound>`
