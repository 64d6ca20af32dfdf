/**
 * SASL2 (XEP-0388) with Bind 2 (XEP-0386) and stream management inside both (XEP-0198 §9): authentication,
 * resumption or binding, and `<enable/>`, in one round trip.
 */
import { type Element, encodeNonza, escapeText, isSmElement } from '@smacks/codec'
import { refusePremature } from '@smacks/core'
import type { AccountId } from '@smacks/runtime'
import { hasRoom, startSession } from './bind.js'
import { boundElement } from './bound.js'
import type { ClientStream } from './client-stream.js'
import { unknownElement, versionOf } from './elements.js'
import { features } from './features.js'
import { ns } from './names.js'
import { decodeResume, dispatchResume, malformedNonza } from './resume.js'
import type { SaslAnswer } from './sasl-negotiation.js'

export const sasl2Element = (stream: ClientStream, element: Element): void => {
  switch (element.getName()) {
    case 'authenticate': {
      stream.inlineRequest = element
      const initial = element.getChild('initial-response', ns.sasl2)?.getText().trim()
      return answer(stream, stream.sasl.start(element.attrs.mechanism ?? '', initial))
    }
    case 'response':
      return answer(stream, stream.sasl.respond(element.getText().trim()))
    case 'abort':
      return answer(stream, stream.sasl.abort())
    default:
      return stream.refuse(unknownElement(element))
  }
}

const answer = (stream: ClientStream, given: SaslAnswer): void => {
  switch (given._tag) {
    case 'Challenge':
      return stream.write(`<challenge xmlns='${ns.sasl2}'>${given.data}</challenge>`)
    case 'Success': {
      const account = `${given.username}@${stream.domain}`
      stream.authenticated(account)
      return proceed(stream, account, given.data)
    }
    case 'Failure': {
      const text = given.text === undefined ? '' : `<text>${escapeText(given.text)}</text>`
      stream.write(`<failure xmlns='${ns.sasl2}'><${given.condition} xmlns='${ns.sasl}'/>${text}</failure>`)
      if (given.isLast) stream.refuse({ condition: 'policy-violation', text: 'Too many failed authentications.' })
    }
  }
}

/** Resumption first; only if it fails or is not asked for, the resource is bound (XEP-0198 §9.2). */
const proceed = (stream: ClientStream, account: AccountId, data: string | undefined): void => {
  const request = stream.inlineRequest
  stream.inlineRequest = undefined
  const resume = request?.children.find(isSmChild('resume'))
  const bind = request?.getChild('bind', ns.bind2)
  const success = new SuccessFrame(stream, account, data)
  const resumed = resume !== undefined && resumeInline(stream, account, resume, success)
  if (!resumed && bind !== undefined) bindInline(stream, account, request, bind, success)
  success.complete(resumed)
}

const isSmChild =
  (name: string) =>
  (child: Element | string): child is Element =>
    typeof child !== 'string' && child.getName() === name && isSmElement(child)

const resumeInline = (stream: ClientStream, account: AccountId, element: Element, success: SuccessFrame): boolean => {
  const resume = decodeResume(element)
  if (resume === undefined) {
    success.put(malformedNonza(element))
    return false
  }
  success.awaitNonza(xml => xml)
  return dispatchResume(stream, account, resume)
}

/** Bind 2 (XEP-0386 §4). The resource begins with the client's tag. */
const bindInline = (
  stream: ClientStream,
  account: AccountId,
  request: Element | undefined,
  bind: Element,
  success: SuccessFrame,
): void => {
  const bound = (inside: string): string => `<bound xmlns='${ns.bind2}'>${inside}</bound>`
  const enable = bind.children.find(isSmChild('enable'))
  const resource = resourceFor(stream, request, bind)
  if (!hasRoom(stream, account, resource)) {
    // Without a session, SM can't be enabled; the client sees that it is not bound and can try to bind later.
    if (enable !== undefined) success.put(encodeNonza(refusePremature('authenticated', versionOf(enable))))
    return
  }
  startSession(stream, account, resource)
  success.identity = `${account}/${resource}`
  if (enable === undefined) return success.put(bound(''))
  if (stream.phase._tag !== 'Bound') return
  success.awaitNonza(bound)
  boundElement(stream, stream.phase, enable)
}

const resourceFor = (stream: ClientStream, request: Element | undefined, bind: Element): string => {
  const tag = (bind.getChildText('tag', ns.bind2) ?? '').replace(/[^\p{L}\p{N}_.-]/gu, '').slice(0, 64)
  const installation = request?.getChild('user-agent', ns.sasl2)?.attrs.id ?? ''
  // The same installation gets the same resource, so that its old session gives way (XEP-0386 §4.2).
  const suffix = /^[0-9a-fA-F-]{36}$/.test(installation) ? installation.slice(0, 8) : stream.options.entropy.freshId()
  return tag === '' ? suffix : `${tag}.${suffix}`
}

/** `<success/>`, whose inside is known only when the core's answers leave. */
class SuccessFrame {
  identity: string
  private readonly parts: Array<string> = []
  private readonly wraps: Array<(xml: string) => string> = []

  constructor(
    private readonly stream: ClientStream,
    account: AccountId,
    private readonly data: string | undefined,
  ) {
    this.identity = account
  }

  /** Puts text inside. */
  put(xml: string): void {
    this.parts.push(xml)
  }

  /** The next element of stream management that leaves goes inside, wrapped. */
  awaitNonza(wrap: (xml: string) => string): void {
    this.wraps.push(wrap)
  }

  /** All is asked for. Stream features follow, unless the old stream goes on (XEP-0198 §9.2). */
  complete(resumed: boolean): void {
    const { stream } = this
    const following = (): string => (resumed ? '' : features(stream))
    if (this.wraps.length === 0) return stream.write(this.toXml() + following())
    stream.connection.frameNonzas(xml => {
      const wrap = this.wraps.shift()
      this.put(wrap === undefined ? xml : wrap(xml))
      if (this.wraps.length > 0) return ''
      stream.connection.frameNonzas(undefined)
      return this.toXml() + following()
    })
  }

  private toXml(): string {
    const data = this.data === undefined ? '' : `<additional-data>${this.data}</additional-data>`
    const identity = `<authorization-identifier>${escapeText(this.identity)}</authorization-identifier>`
    return `<success xmlns='${ns.sasl2}'>${data}${identity}${this.parts.join('')}</success>`
  }
}
