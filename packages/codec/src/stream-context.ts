/** What the header of a stream means for the elements in it. */
import type { SaxesTagNS } from 'saxes'
import type { Attributes, Element } from './element.js'
import type { ElementBuilder } from './element-builder.js'
import type { ScanContext } from './scanner/context.js'
import { isStanzaName } from './stanza-name.js'
import type { StreamHeader } from './stream.js'
import { fail } from './stream-end.js'
import { type Declaration, headerExcess, prefixDeclarations } from './stream-header.js'
import type { RootName } from './stream-rules.js'
import * as rules from './stream-rules.js'

/** Of one character, of those that are written as references: `&quot;`. */
export const longestReference = 6

export interface StreamContext {
  /** Judges the root element, and states the header. */
  readonly open: (tag: RootName, attrs: Attributes) => StreamHeader
  /** Judges the start tag of a first-level element, and returns its attributes without the default namespace. */
  readonly judged: (tag: SaxesTagNS, attrs: Attributes) => Attributes
  /**
   * The attributes of an element further inside. What belongs to a stanza is, like the stanza, in the namespace of
   * whatever stream it leaves on, so it must not name that of the stream it came on. What is inside something else,
   * as a forwarded stanza is, keeps what it declares.
   */
  readonly inner: (tag: SaxesTagNS, attrs: Attributes, around: Pick<ElementBuilder, 'inherits'>) => Attributes
  /** Makes a first-level element stand on its own. */
  readonly complete: (element: Element, prefixes: ReadonlySet<string> | undefined) => void
  /** Bytes that this can add to an element. */
  readonly declaredLength: () => number
  /** What stanzas take over from the header, and how much it can be. */
  readonly context: () => ScanContext
}

export const createStreamContext = (): StreamContext => {
  let header: StreamHeader = { xmlns: '' }
  let declarations: ReadonlyArray<Declaration> = []
  let declaredLength = 0
  let scanned: ScanContext = { xmlns: '', lang: undefined, declaredLength }
  return {
    open: (tag, attrs) => {
      const fault = rules.headerFault(tag, attrs) ?? headerExcess(attrs)
      if (fault !== undefined) fail(fault)
      header = rules.headerOf(attrs)
      declarations = prefixDeclarations(attrs)
      declaredLength = longestAddition(header, declarations)
      scanned = { xmlns: header.xmlns, lang: header.lang, declaredLength }
      return header
    },
    judged: (tag, attrs) => {
      if (tag.uri === header.xmlns && tag.prefix !== '') fail(rules.prefixedStanzaFault(tag.name))
      return attrs.xmlns === header.xmlns ? withoutNamespace(attrs) : attrs
    },
    inner: (tag, attrs, around) =>
      attrs.xmlns === header.xmlns && tag.prefix === '' && around.inherits() ? withoutNamespace(attrs) : attrs,
    complete: (element, prefixes) => {
      const { attrs, name } = element
      if (prefixes !== undefined)
        for (const { name, prefix, uri } of declarations) if (prefixes.has(prefix)) attrs[name] ??= uri
      if (header.lang !== undefined && isStanzaName(name) && attrs.xmlns === undefined)
        attrs['xml:lang'] ??= header.lang
    },
    declaredLength: () => declaredLength,
    context: () => scanned,
  }
}

/** Bytes that language and declarations take at most where they are written: each with a blank, `=` and quotes. */
const longestAddition = ({ lang = '' }: StreamHeader, declarations: ReadonlyArray<Declaration>): number =>
  declarations.reduce(
    (sum, { name, uri }) => sum + (name.length + uri.length + 4) * longestReference,
    (lang.length + 12) * longestReference,
  )

const withoutNamespace = (attrs: Attributes): Attributes => {
  const { xmlns: _, ...others } = attrs
  return others
}
