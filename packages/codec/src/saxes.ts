/** The XML parser saxes, and what has to be looked after that it lets pass. */
import { SaxesParser, type SaxesTagNS } from 'saxes'
import type { Attributes } from './element.js'
import { isPortableName } from './portable-names.js'

/** The first name of the tag that not every recipient's parser takes for one. */
export const unportableIn = (tag: SaxesTagNS, attrs: Attributes): string | undefined =>
  [tag.name, ...Object.keys(attrs)].find(name => !isPortableName(name))

/** The closing tag is not that of the element that it ends. */
export const isMisnamed = (error: Error): boolean => error.message.includes('unexpected close tag')

/**
 * An ampersand came that begins no reference. saxes takes all that follows for the name of an entity, up to the next
 * semicolon: judged only there, whole stanzas would be swallowed until one comes.
 */
export const holdsBareAmpersand = (parser: object): boolean =>
  'entity' in parser && typeof parser.entity === 'string' && /[^#\w.:\u0080-\uffff-]/.test(parser.entity)

/** saxes, strict by nature; with the handlers' fields in place before `on` fills them. */
export const createSaxes = () => {
  const parser = new SaxesParser({ xmlns: true, position: false, forceXMLVersion: true, defaultXMLVersion: '1.0' })
  // V8 turns an object to which `on` adds so many fields into a dictionary, and parsing takes five times as long.
  const fields = parser as unknown as Record<string, undefined>
  fields.xmldeclHandler = undefined
  fields.textHandler = undefined
  fields.piHandler = undefined
  fields.doctypeHandler = undefined
  fields.commentHandler = undefined
  fields.openTagHandler = undefined
  fields.closeTagHandler = undefined
  fields.cdataHandler = undefined
  fields.errorHandler = undefined
  fields.attributeHandler = undefined
  return parser
}
