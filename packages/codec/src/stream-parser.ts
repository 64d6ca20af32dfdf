/** The XML of a stream: what the parser tells, judged by the rules of a stream and made into elements. */
import type { SaxesAttributeNSIncomplete, SaxesTagNS } from 'saxes'
import { addressedOnly } from './addressed-only.js'
import type { Attributes, Element } from './element.js'
import { createElementBuilder, misnamedIn } from './element-builder.js'
import { isPortableNamespace } from './portable-names.js'
import { createSaxes, holdsBareAmpersand, isMisnamed, unportableIn } from './saxes.js'
import type { ScanContext } from './scanner/context.js'
import { isStanza } from './stanza.js'
import type { StreamFault, StreamHeader } from './stream.js'
import { createStreamContext, longestReference } from './stream-context.js'
import { fail, StreamEnd } from './stream-end.js'
import type { StreamLimits } from './stream-limits.js'
import * as rules from './stream-rules.js'
import { skipSpace } from './white-space.js'
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
  /** What the header means for the stanzas behind it. */
  readonly context: () => ScanContext
}

/** A stanza is beyond a limit. */
interface Excess {
  readonly fault: StreamFault
  readonly tell: NonNullable<ParserHandlers['overLimit']>
}

/** A first-level element that has ended. */
interface Completed {
  readonly element: Element
  readonly excess: Excess | undefined
}

export const createStreamParser = (limits: StreamLimits, handlers: ParserHandlers): StreamParser =>
  new SaxesStreamParser(limits, handlers)

class SaxesStreamParser implements StreamParser {
  readonly #handlers: ParserHandlers
  readonly #parser = createSaxes()
  readonly #builder = createElementBuilder()
  readonly #stream = createStreamContext()
  #limits: StreamLimits
  #depth = 0
  /** The text that is parsed, where it begins in the stream, and the end of what is complete in it. */
  #text = ''
  #start = 0
  #complete = 0
  /** Bytes that the first-level element which ends in the text may have at most. */
  #mostBytes = 0
  /** Elements in the first-level element that is open, itself included. */
  #elements = 0
  /** The start tag that is read has a name with a colon. */
  #hasColon = false
  /** The prefixes that the first-level element which is open uses; none is kept as long as there is none. */
  #prefixes: Set<string> | undefined
  /** There are characters beyond ASCII in the text that is parsed, or before it in the same element. */
  #isWide = false
  /** The first-level element that is open. */
  #outermost: Element | undefined
  /** The limit that it is beyond, and who is told. */
  #excess: Excess | undefined
  /** What a closing tag has ended. It waits, since saxes looks at the name of that tag only after it told of it. */
  #ended: 'stream' | Completed | undefined

  constructor(limits: StreamLimits, handlers: ParserHandlers) {
    this.#limits = limits
    this.#handlers = handlers
    this.#listen()
  }

  parse(text: string, ascii: boolean, before: number): number {
    this.#text = text
    this.#complete = 0
    this.#mostBytes = before + text.length * (ascii ? 1 : 3)
    this.#isWide ||= !ascii
    try {
      this.#parser.write(text)
    } finally {
      this.#tellEnded()
    }
    if (holdsBareAmpersand(this.#parser)) fail(rules.bareAmpersand)
    this.#start += text.length
    this.#text = ''
    if (this.#complete > 0) this.#isWide = !ascii
    return this.#complete
  }

  exceed(fault: StreamFault): boolean {
    if (this.#handlers.overLimit === undefined || this.#outermost === undefined || !isStanza(this.#outermost))
      return false
    this.#exceed(fault)
    return true
  }

  limit(limits: StreamLimits): void {
    this.#limits = limits
  }

  depth(): number {
    return this.#depth
  }

  context(): ScanContext {
    return this.#stream.context()
  }

  // What saxes tells

  #listen(): void {
    const parser = this.#parser
    const refuse = (what: Parameters<typeof rules.restricted>[0]) => () => fail(rules.restricted(what))
    parser.on('error', error => {
      if (isMisnamed(error)) this.#ended = undefined
      fail(rules.complaintFault(error.message))
    })
    parser.on('xmldecl', ({ encoding }) => {
      const fault = rules.encodingFault(encoding)
      if (fault !== undefined) fail(fault)
    })
    parser.on('doctype', refuse('document type declaration'))
    parser.on('processinginstruction', refuse('processing instruction'))
    parser.on('comment', refuse('comment'))
    parser.on('attribute', attribute => this.#attribute(attribute))
    parser.on('opentag', tag => this.#opened(tag))
    parser.on('closetag', () => this.#closed())
    parser.on('text', this.#builder.text)
    parser.on('cdata', section => {
      if (this.#depth < 2) fail(rules.textFault(this.#depth))
      this.#builder.text(section)
    })
  }

  #attribute({ name, value, prefix }: SaxesAttributeNSIncomplete): void {
    if (prefix !== '') {
      this.#hasColon = true
      if (prefix !== 'xml' && prefix !== 'xmlns') this.#uses(prefix)
    }
    if ((name === 'xmlns' || prefix === 'xmlns') && !isPortableNamespace(value))
      this.#exceed(rules.namespaceFault(value))
    const count = this.#builder.attribute(name, value)
    const { attributes } = this.#limits
    if (count > attributes * readPastFactor) fail(rules.tooManyAttributes(attributes))
    if (count > attributes) this.#exceed(rules.tooManyAttributes(attributes))
  }

  #opened(tag: SaxesTagNS): void {
    this.#tellEnded()
    const attrs = this.#builder.attributes()
    this.#judgeNames(tag, attrs)
    this.#depth += 1
    if (this.#depth === 1) this.#openStream(tag, attrs)
    else if (this.#depth === 2) this.#openFirstLevel(tag, attrs)
    else this.#openInner(tag, attrs)
  }

  #closed(): void {
    this.#tellEnded()
    this.#depth -= 1
    if (this.#excess === undefined && this.#depth > 0) this.#builder.close()
    if (this.#depth > 1) return
    this.#complete = this.#parser.position - this.#start
    this.#ended = this.#outermost === undefined ? 'stream' : this.#completed(this.#outermost)
    this.#outermost = undefined
    this.#excess = undefined
    this.#prefixes = undefined
  }

  // Opening

  #judgeNames(tag: SaxesTagNS, attrs: Attributes): void {
    if (tag.prefix !== '') {
      this.#hasColon = true
      this.#uses(tag.prefix)
    }
    if (this.#hasColon) {
      this.#hasColon = false
      const misnamed = misnamedIn(tag, attrs)
      if (misnamed !== undefined) fail(rules.complaintFault(`malformed name: ${misnamed}`))
    }
    const unportable = this.#isWide ? unportableIn(tag, attrs) : undefined
    if (unportable !== undefined) this.#exceed(rules.nameFault(unportable))
  }

  #openStream(tag: SaxesTagNS, attrs: Attributes): void {
    this.#handlers.header(this.#stream.open(tag, attrs))
    this.#prefixes = undefined
    this.#complete = this.#parser.position - this.#start
    // What follows the end of a stream is not looked at.
    if (!tag.isSelfClosing) this.#judgeWhatFollows()
  }

  #openFirstLevel(tag: SaxesTagNS, attrs: Attributes): void {
    this.#elements = 1
    this.#outermost = this.#builder.open(tag.name, this.#stream.judged(tag, attrs))
    if (this.#excess !== undefined) this.#exceed(this.#excess.fault)
  }

  #openInner(tag: SaxesTagNS, attrs: Attributes): void {
    const { depth, elements } = this.#limits
    if (this.#depth - 1 > depth * readPastFactor) fail(rules.tooDeep(depth))
    if (this.#depth - 1 > depth) this.#exceed(rules.tooDeep(depth))
    this.#elements += 1
    if (this.#elements > elements) this.#exceed(rules.tooManyElements(elements))
    if (this.#excess === undefined) this.#builder.open(tag.name, this.#stream.inner(tag, attrs, this.#builder))
  }

  #uses(prefix: string): void {
    this.#prefixes ??= new Set()
    this.#prefixes.add(prefix)
  }

  // Ending

  /** The closing tag had the right name. */
  #tellEnded(): void {
    const ended = this.#ended
    this.#ended = undefined
    if (ended === 'stream') throw new StreamEnd()
    if (ended === undefined) return
    if (ended.excess === undefined) this.#handlers.element(ended.element)
    else ended.excess.tell(ended.element, ended.excess.fault)
    this.#judgeWhatFollows()
  }

  /** Behind a header or first-level element only white space or a tag may stand. */
  #judgeWhatFollows(): void {
    const next = skipSpace(this.#text, this.#complete)
    if (next < this.#text.length && this.#text[next] !== '<') fail(rules.textFault(this.#depth))
  }

  /** The first-level element that is closed, as it is told. */
  #completed(element: Element): Completed {
    if (this.#excess === undefined) {
      this.#stream.complete(element, this.#prefixes)
      this.#judgeWritten(element)
    }
    return { element: this.#excess === undefined ? element : addressedOnly(element), excess: this.#excess }
  }

  /**
   * Written again, an element may have more bytes than it had when it came: what it takes over from the header, and
   * characters that came as themselves and leave as references. Only what might be beyond the limit is written here.
   */
  #judgeWritten(element: Element): void {
    const { stanzaBytes } = this.#limits
    if (this.#mostBytes * longestReference + this.#stream.declaredLength() <= stanzaBytes) return
    const written = xmlBytes(element)
    if (written > stanzaBytes) this.#exceed(rules.tooLongWritten(written, stanzaBytes))
  }

  /** A limit is broken: a stanza pays for it alone, anything else with the stream. */
  #exceed(fault: StreamFault): void {
    const { overLimit } = this.#handlers
    if (overLimit === undefined || this.#depth === 0 || (this.#outermost !== undefined && !isStanza(this.#outermost)))
      fail(fault)
    else {
      this.#excess ??= { fault, tell: overLimit }
      if (this.#outermost !== undefined) this.#builder.abandon()
    }
  }
}
