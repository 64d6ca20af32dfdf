/** The elements of stream management (XEP-0198 §§3-6) from and to XML. */
import type { Ack, Nonza, Request, SmVersion } from '@smacks/core'
import * as Either from '#fp-ts/Either'
import { pipe } from '#fp-ts/function'
import type * as t from '#io-ts'
import { firstProblem, isSmVersion, smVersion } from './attribute-codecs.js'
import { Element, element } from './element.js'
import { stanzaErrorNamespace } from './namespaces.js'
import { type NonzaName, type NonzaRecord, nonzaCodecs } from './nonza-codecs.js'
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

/** True for an element in a namespace of stream management, known or not. */
export const isSmElement = (element: Element): boolean => isSmVersion(element.getNS())

/** Decodes an element for which `isSmElement` holds. Unknown attributes and children are ignored. */
export const decodeNonza = (element: Element): Either.Either<NonzaError, Nonza> => {
  const xmlns = element.getNS()
  const name = element.getName()
  const version = smVersion(xmlns)
  if (version === undefined || !isNonzaName(name))
    return Either.left({
      element: name,
      version: version ?? 'urn:xmpp:sm:3',
      message: `<${brief(name)}/> in '${brief(xmlns ?? '')}' is no element of stream management, allowed: ${allNames}`,
    })
  return frequent(name, version, element) ?? decodeWithCodec(name, version, element)
}

/** The element as XML. */
export const encodeNonza = (nonza: Nonza): string => {
  switch (nonza._tag) {
    // These two are as frequent as stanzas.
    case 'Ack':
      return `<a xmlns='${nonza.version}' h='${nonza.h}'/>`
    case 'Request':
      return `<r xmlns='${nonza.version}'/>`
    case 'Enable':
      return written('enable', nonzaCodecs.enable.encode(nonza))
    // And these are in each login and each resumption.
    case 'Enabled': {
      const { version, resume, id, max, location } = nonza
      const resumption = `${resume ? " resume='true'" : ''}${attribute('id', id)}${attribute('max', max)}`
      return `<enabled xmlns='${version}'${resumption}${attribute('location', location)}/>`
    }
    case 'Resumed':
      return `<resumed xmlns='${nonza.version}'${attribute('previd', nonza.previd)} h='${nonza.h}'/>`
    case 'Failed':
      return written('failed', nonzaCodecs.failed.encode(nonza))
    case 'Resume':
      return written('resume', nonzaCodecs.resume.encode(nonza))
  }
}

/** The two that are as frequent as stanzas, as elements. */
export const elementOfNonza = (nonza: Ack | Request): Element =>
  nonza._tag === 'Ack'
    ? element('a', { xmlns: nonza.version, h: String(nonza.h) })
    : element('r', { xmlns: nonza.version })

const allNames = Object.keys(nonzaCodecs)
  .map(name => `<${name}/>`)
  .join(', ')

const isNonzaName = (name: string): name is NonzaName => Object.hasOwn(nonzaCodecs, name)

const brief = (text: string): string => (text.length > 50 ? `${text.slice(0, 50)}...` : text)

/**
 * `<r/>` and a right `<a/>` are as frequent as stanzas, and each login and each resumption has one of the others: written as
 * usual, they are decoded without the codec's bookkeeping, which takes ten times as long.
 */
const frequent = (
  name: NonzaName,
  version: SmVersion,
  { attrs }: Element,
): Either.Either<NonzaError, Nonza> | undefined => {
  switch (name) {
    case 'r':
      return Either.right({ _tag: 'Request', version })
    case 'a':
      return isUsualCount(attrs.h) ? Either.right({ _tag: 'Ack', version, h: Number(attrs.h) }) : undefined
    case 'enable': {
      const { resume, max } = attrs
      const isUsual = max === undefined && (resume === undefined || resume === 'true' || resume === '1')
      return isUsual ? Either.right({ _tag: 'Enable', version, resume: resume !== undefined }) : undefined
    }
    case 'resume': {
      const { previd, h } = attrs
      return isUsualCount(h) && previd !== undefined && previd !== ''
        ? Either.right({ _tag: 'Resume', version, previd, h: Number(h) })
        : undefined
    }
    default:
      return undefined
  }
}

const isUsualCount = (h: string | undefined): boolean => h !== undefined && /^[0-9]{1,9}$/.test(h)

const decodeWithCodec = (name: NonzaName, version: SmVersion, element: Element): Either.Either<NonzaError, Nonza> =>
  pipe(
    nonzaCodecs[name].decode(recordOf(name, version, element)) as t.Validation<Nonza>,
    Either.mapLeft(errors => {
      const { key, value, allowed } = firstProblem(errors)
      const found = typeof value === 'string' ? `found '${brief(value)}'` : 'missing'
      return {
        element: name,
        version,
        attribute: key,
        message: `attribute ${key} of <${name}/>: ${found}, allowed: ${allowed}`,
      }
    }),
  )

const recordOf = (name: NonzaName, version: SmVersion, element: Element): NonzaRecord =>
  name === 'failed' ? { ...element.attrs, xmlns: version, ...causeOf(element) } : { ...element.attrs, xmlns: version }

/** What the children of `<failed/>` say. */
const causeOf = (element: Element): NonzaRecord => {
  const children = element.children.filter(child => child instanceof Element)
  const condition = children.find(child => child.getNS() === stanzaErrorNamespace && child.getName() !== 'text')
  const tooHigh = children.find(child => isSmElement(child) && child.getName() === 'handled-count-too-high')
  return {
    condition: condition?.getName(),
    ...(tooHigh === undefined ? {} : { tooHigh: tooHigh.attrs }),
  }
}

const written = (name: string, { condition, tooHigh, ...attributes }: NonzaRecord): string => {
  const start = `<${name}${writtenAttributes(attributes)}`
  if (typeof condition !== 'string') return `${start}/>`
  const reason = `<${condition} xmlns='${stanzaErrorNamespace}'/>`
  const counts =
    typeof tooHigh === 'object'
      ? `<handled-count-too-high${writtenAttributes({ xmlns: attributes.xmlns, ...tooHigh })}/>`
      : ''
  return `${start}>${reason}${counts}</${name}>`
}

const attribute = (name: string, value: number | string | undefined): string =>
  value === undefined ? '' : ` ${name}='${escapeAttribute(String(value))}'`

const writtenAttributes = (attributes: NonzaRecord): string =>
  Object.entries(attributes)
    .map(([name, value]) => (typeof value === 'string' ? attribute(name, value) : ''))
    .join('')
