/** The elements of stream management (XEP-0198 §§3-6) from and to XML. */
import { type Counter, counterModulus, type Nonza, type SmVersion } from '@smacks/core'
import * as Either from 'fp-ts/lib/Either.js'
import type { Element } from './element.js'
import { escapeAttribute } from './xml.js'

/** Why an element in a namespace of stream management is not one of stream management. */
export interface NonzaError {
  /** The element's name, known or not. */
  readonly element: string
  readonly version: SmVersion
  /** The attribute that is wrong or missing, if it is one. */
  readonly attribute?: string
  /** One English sentence that names the thing, its value and what is allowed. */
  readonly message: string
}

const isVersion = (xmlns: string | undefined): xmlns is SmVersion =>
  xmlns === 'urn:xmpp:sm:3' || xmlns === 'urn:xmpp:sm:2'

/** True for an element in a namespace of stream management, known or not. */
export const isSmElement = (element: Element): boolean => isVersion(element.getNS())

const counter = (text: string | undefined): Counter | undefined =>
  text !== undefined && /^[0-9]+$/.test(text) && Number(text) < counterModulus ? Number(text) : undefined

export const decodeNonza = (element: Element): Either.Either<NonzaError, Nonza> => {
  const name = element.getName()
  const version = element.getNS() as SmVersion
  const { attrs } = element
  const h = counter(attrs.h)
  const wrong = (attribute: string): Either.Either<NonzaError, Nonza> =>
    Either.left({ element: name, version, attribute, message: `attribute ${attribute} of <${name}/> is wrong` })
  const resume = attrs.resume === 'true' || attrs.resume === '1'
  switch (name) {
    case 'r':
      return Either.right({ _tag: 'Request', version })
    case 'a':
      return h === undefined ? wrong('h') : Either.right({ _tag: 'Ack', version, h })
    case 'enable': {
      const max = counter(attrs.max)
      if (attrs.max !== undefined && max === undefined) return wrong('max')
      return Either.right({ _tag: 'Enable', version, resume, ...(max === undefined ? {} : { max }) })
    }
    case 'resume':
      if (attrs.previd === undefined) return wrong('previd')
      return h === undefined ? wrong('h') : Either.right({ _tag: 'Resume', version, previd: attrs.previd, h })
    default:
      return Either.left({ element: name, version, message: `<${name}/> is not an element of stream management` })
  }
}

export const encodeNonza = (nonza: Nonza): string => {
  const ns = `xmlns='${nonza.version}'`
  switch (nonza._tag) {
    case 'Ack':
      return `<a ${ns} h='${nonza.h}'/>`
    case 'Request':
      return `<r ${ns}/>`
    case 'Enable':
      return `<enable ${ns}${nonza.resume ? " resume='true'" : ''}${nonza.max === undefined ? '' : ` max='${nonza.max}'`}/>`
    case 'Enabled':
      return `<enabled ${ns}${nonza.id === undefined ? '' : ` id='${escapeAttribute(nonza.id)}'`}${nonza.resume ? " resume='true'" : ''}${nonza.max === undefined ? '' : ` max='${nonza.max}'`}/>`
    case 'Resume':
    case 'Resumed':
      return `<${nonza._tag.toLowerCase()} ${ns} h='${nonza.h}' previd='${escapeAttribute(nonza.previd)}'/>`
    case 'Failed':
      return `<failed ${ns}${nonza.h === undefined ? '' : ` h='${nonza.h}'`}><${nonza.condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>`
  }
}
