/** The XML of a stream: what the parser tells, judged by the rules of a stream and made into elements. */
import { SaxesParser, type SaxesTagNS } from 'saxes'
import { addressedOnly } from './addressed-only.js'
import type { Attributes, Element } from './element.js'
import { createElementBuilder, type ElementBuilder, misnamedIn } from './element-builder.js'
import { isPortableName, isPortableNamespace } from './portable-names.js'
import { isStanza, isStanzaName } from './stanza.js'
import type { StreamFault, StreamHeader } from './stream.js'
import { type Declaration, headerExcess, prefixDeclarations } from './stream-header.js'
import type { StreamLimits } from './stream-limits.js'
import * as rules from './stream-rules.js'
import { xmlBytes } from './xml.js'

/**
 * A stanza beyond a limit is read to its end, as long as it stays within so many times the limits; beyond that it ends the
 * stream.
 */
export const readPastFactor = 4

export interface ParserHandlers {
  readonly header: (header: StreamHeader) => void
  readonly element: (element: Element) => void
  /** A stanza broke a limit: what is left of it is its name and how it is addressed. Without this it ends the stream. */
  readonly overLimit?: (stanza: Element, fault: StreamFault) => void
}

export interface StreamParser {
  /**
   * Parses the next text; `ascii` promises that it has no character beyond ASCII, `before` says how many bytes came of
   * the header or element that it goes on with. Returns the index right behind the last header or first-level element
   * that ends in it, 0 if none does. Throws `StreamEnd` at the end of the stream and at a fault; the parser is of no use
   * then.
   */
  readonly parse: (text: string, ascii: boolean, before: number) => number
  /** What comes from here on is held to these limits. */
  readonly limit: (limits: StreamLimits) => void
  /** What is being read is beyond a limit. True if it is a stanza: then it is read to its end, and nothing of it is kept. */
  readonly exceed: (fault: StreamFault) => boolean
  /** How many elements are open, the stream being the first. */
  readonly depth: () => number
}

/** A stanza is beyond a limit. */
interface Excess {
  readonly fault: StreamFault
  readonly tell: NonNullable<ParserHandlers['overLimit']>
}

/** Ends the parsing from inside, since the parser cannot be told to stop. */
export class StreamEnd extends Error {
  /** What the peer got wrong; nothing if it closed the stream. */
  readonly fault: StreamFault | undefined

  constructor(fault?: StreamFault) {
    super(fault?.text ?? 'the stream was closed')
    this.fault = fault
  }
}

const fail = (fault: StreamFault): never => {
  throw new StreamEnd(fault)
}

/** The index of the first character from `start` on that is not XML white space. */
export const skipSpace = (text: string, start: number): number => {
  let at = start
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) break
  }
  return at
}

export const createStreamParser = (initial: StreamLimits, handlers: ParserHandlers): StreamParser => {
  let limits = initial
  const parser = createSaxes()
  const builder = createElementBuilder()
  const stream = createStreamContext()
  let depth = 0
  /** The text that is parsed, where it begins in the stream, and the end of what is complete in it. */
  let text = ''
  let start = 0
  let complete = 0
  /** Bytes that the first-level element which ends in the text may have at most. */
  let mostBytes = 0
  /** Elements in the first-level element that is open, itself included. */
  let elements = 0
  /** The start tag that is read has a name with a colon. */
  let colon = false
  /** The prefixes that the first-level element which is open uses; none is kept as long as there is none. */
  let prefixes: Set<string> | undefined
  /** There are characters beyond ASCII in the text that is parsed, or before it in the same element. */
  let wide = false

  /** The first-level element that is open. */
  let outermost: Element | undefined
  /** The limit that it is beyond, and who is told. */
  let excess: Excess | undefined

  /** What a closing tag has ended. It waits, since saxes looks at the name of that tag only after it told of it. */
  let finished: 'stream' | { readonly element: Element; readonly excess: Excess | undefined } | undefined

  /** Behind a header or first-level element only white space or a tag may stand. */
  const judgeWhatFollows = (): void => {
    const next = skipSpace(text, complete)
    if (next < text.length && text[next] !== '<') fail(rules.textFault(depth))
  }

  /** The closing tag had the right name. */
  const settle = (): void => {
    const ended = finished
    finished = undefined
    if (ended === 'stream') throw new StreamEnd()
    if (ended === undefined) return
    if (ended.excess === undefined) handlers.element(ended.element)
    else ended.excess.tell(ended.element, ended.excess.fault)
    judgeWhatFollows()
  }

  /** A limit is broken: a stanza pays for it alone, anything else with the stream. */
  const exceed = (fault: StreamFault): void => {
    const { overLimit } = handlers
    if (overLimit === undefined || depth === 0 || (outermost !== undefined && !isStanza(outermost))) return fail(fault)
    excess ??= { fault, tell: overLimit }
    if (outermost !== undefined) builder.abandon()
  }

  const openFirstLevel = (tag: SaxesTagNS, attrs: Attributes): void => {
    elements = 1
    outermost = builder.open(tag.name, stream.judged(tag, attrs))
    if (excess !== undefined) exceed(excess.fault)
  }

  const openInner = (tag: SaxesTagNS, attrs: Attributes): void => {
    if (depth - 1 > limits.depth * readPastFactor) fail(rules.tooDeep(limits.depth))
    if (depth - 1 > limits.depth) exceed(rules.tooDeep(limits.depth))
    elements += 1
    if (elements > limits.elements) exceed(rules.tooManyElements(limits.elements))
    if (excess === undefined) builder.open(tag.name, stream.inner(tag, attrs, builder))
  }

  const uses = (prefix: string): void => {
    prefixes ??= new Set()
    prefixes.add(prefix)
  }

  const opened = (tag: SaxesTagNS): void => {
    settle()
    const attrs = builder.attributes()
    if (tag.prefix !== '') {
      colon = true
      uses(tag.prefix)
    }
    if (colon) {
      colon = false
      const misnamed = misnamedIn(tag, attrs)
      if (misnamed !== undefined) fail(rules.complaintFault(`malformed name: ${misnamed}`))
    }
    const unportable = wide ? unportableIn(tag, attrs) : undefined
    if (unportable !== undefined) exceed(rules.nameFault(unportable))
    depth += 1
    if (depth === 1) {
      handlers.header(stream.open(tag, attrs))
      prefixes = undefined
      complete = parser.position - start
      judgeWhatFollows()
      return
    }
    if (depth === 2) openFirstLevel(tag, attrs)
    else openInner(tag, attrs)
  }

  const closed = (): void => {
    settle()
    depth -= 1
    if (excess === undefined && depth > 0) builder.close()
    if (depth > 1) return
    complete = parser.position - start
    finished = outermost === undefined ? 'stream' : completed(outermost)
    outermost = undefined
    excess = undefined
    prefixes = undefined
  }

  /** The first-level element that is closed, as it is told. */
  const completed = (element: Element): { readonly element: Element; readonly excess: Excess | undefined } => {
    if (excess === undefined) {
      stream.complete(element, prefixes)
      judgeWritten(element)
    }
    return { element: excess === undefined ? element : addressedOnly(element), excess }
  }

  /**
   * Written again, an element may have more bytes than it had when it came: what it takes over from the header, and
   * characters that came as themselves and leave as references. Only what might be beyond the limit is written here.
   */
  const judgeWritten = (element: Element): void => {
    const { stanzaBytes } = limits
    if (mostBytes * longestReference + stream.declaredLength() <= stanzaBytes) return
    const written = xmlBytes(element)
    if (written > stanzaBytes) exceed(rules.tooLongWritten(written, stanzaBytes))
  }

  parser.on('error', error => {
    if (isMisnamed(error)) finished = undefined
    fail(rules.complaintFault(error.message))
  })
  parser.on('xmldecl', ({ encoding }) => {
    const fault = rules.encodingFault(encoding)
    if (fault !== undefined) fail(fault)
  })
  parser.on('doctype', () => fail(rules.restricted('document type declaration')))
  parser.on('processinginstruction', () => fail(rules.restricted('processing instruction')))
  parser.on('comment', () => fail(rules.restricted('comment')))
  parser.on('attribute', ({ name, value, prefix }) => {
    if (prefix !== '') {
      colon = true
      if (prefix !== 'xml' && prefix !== 'xmlns') uses(prefix)
    }
    if ((name === 'xmlns' || prefix === 'xmlns') && !isPortableNamespace(value)) exceed(rules.namespaceFault(value))
    const count = builder.attribute(name, value)
    if (count > limits.attributes * readPastFactor) fail(rules.tooManyAttributes(limits.attributes))
    if (count > limits.attributes) exceed(rules.tooManyAttributes(limits.attributes))
  })
  parser.on('opentag', opened)
  parser.on('closetag', closed)
  parser.on('text', builder.text)
  parser.on('cdata', section => {
    if (depth < 2) fail(rules.textFault(depth))
    builder.text(section)
  })

  return {
    parse: (next, ascii, before) => {
      text = next
      complete = 0
      mostBytes = before + next.length * (ascii ? 1 : 3)
      wide ||= !ascii
      try {
        parser.write(next)
      } finally {
        settle()
      }
      if (holdsBareAmpersand(parser)) fail(rules.bareAmpersand)
      start += next.length
      text = ''
      if (complete > 0) wide = !ascii
      return complete
    },
    exceed: fault => {
      if (handlers.overLimit === undefined || outermost === undefined || !isStanza(outermost)) return false
      exceed(fault)
      return true
    },
    limit: next => {
      limits = next
    },
    depth: () => depth,
  }
}

/** Of one character, of those that are written as references: `&quot;`. */
const longestReference = 6

/** The first name of the tag that not every recipient's parser takes for one. */
const unportableIn = (tag: SaxesTagNS, attrs: Attributes): string | undefined =>
  [tag.name, ...Object.keys(attrs)].find(name => !isPortableName(name))

/** The closing tag is not that of the element that it ends. */
const isMisnamed = (error: Error): boolean => error.message.includes('unexpected close tag')

/**
 * An ampersand came that begins no reference. saxes takes all that follows for the name of an entity, up to the next
 * semicolon: judged only there, whole stanzas would be swallowed until one comes.
 */
const holdsBareAmpersand = (parser: object): boolean =>
  'entity' in parser && typeof parser.entity === 'string' && /[^#\w.:\u0080-\uffff-]/.test(parser.entity)

/** saxes, strict by nature; with the handlers' fields in place before `on` fills them. */
const createSaxes = () => {
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

/** What the header of a stream means for the elements in it. */
interface StreamContext {
  /** Judges the root element, and states the header. */
  readonly open: (tag: SaxesTagNS, attrs: Attributes) => StreamHeader
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
}

const createStreamContext = (): StreamContext => {
  let header: StreamHeader = { xmlns: '' }
  let declarations: ReadonlyArray<Declaration> = []
  let declaredLength = 0
  return {
    open: (tag, attrs) => {
      const fault = rules.headerFault(tag, attrs) ?? headerExcess(attrs)
      if (fault !== undefined) fail(fault)
      header = rules.headerOf(attrs)
      declarations = prefixDeclarations(attrs)
      declaredLength = longestAddition(header, declarations)
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
