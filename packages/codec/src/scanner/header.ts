/**
 * The usual header of a stream (RFC 6120 §4.2), found without a parser: each login begins with two of them, and a parser that
 * was never needed is never made. It is ASCII, its attributes are those that the standards name, and none has a reference;
 * whatever is otherwise in the least is for the parser to judge.
 */
import { type ByteString, byteStringOf } from '../byte-string.js'
import type { Attributes } from '../element.js'
import { clientNamespace, dialbackNamespace, serverNamespace, streamNamespace } from '../namespaces.js'
import type { StreamHeader } from '../stream.js'
import { createStreamContext } from '../stream-context.js'
import type { StreamLimits } from '../stream-limits.js'
import { byte } from './bytes.js'
import { incomplete, unusual } from './characters.js'
import type { ScanContext } from './context.js'

/** A header, as the parser would tell it. */
export interface UsualHeader {
  readonly header: StreamHeader
  readonly context: ScanContext
  /** All of it, in ASCII, for a parser that is needed later. */
  readonly text: ByteString
}

/** The XML declaration, and white space behind it. */
const declaration = /^<\?xml version=(?:'1\.0'|"1\.0")(?: encoding=(?:'(?:utf-8|UTF-8)'|"(?:utf-8|UTF-8)"))? ?\?>[ \n]*/

const startTag = /^<stream:stream(?:[ \n]+[a-z:]+=(?:'[^'"<>&]*'|"[^'"<>&]*"))+[ \n]*>$/

const attribute = /([a-z:]+)=['"]([^'"]*)/g

/**
 * Clients of one kind open all their streams with the same bytes, so headers that came lately are not read again. Of those that
 * are long, or name who sends them, few come twice.
 */
const known = new Map<string, Read>()
const mostKnown = 64
const longestKnown = 400

interface Read {
  readonly usual: UsualHeader
  readonly attributes: number
}

const unprintable = /[^\x20-\x7e]/

/** What each attribute may be; any text where nothing is said. */
const allowed: ReadonlyMap<string, ReadonlyArray<string> | undefined> = new Map([
  ['xmlns', [clientNamespace, serverNamespace]],
  ['xmlns:stream', [streamNamespace]],
  ['xmlns:db', [dialbackNamespace]],
  ['from', undefined],
  ['to', undefined],
  ['id', undefined],
  ['version', undefined],
  ['xml:lang', undefined],
])

/**
 * Looks at the header whose `<` is at `start`. `incomplete`: a usual declaration came, and nothing else; the parser
 * judges what else is incomplete, so that a mistake is told as soon as it comes.
 */
export const scanHeader = (
  bytes: Uint8Array,
  start: number,
  limits: StreamLimits,
): UsualHeader | typeof incomplete | typeof unusual => {
  const firstEnd = bytes.indexOf(byte.greater, start)
  const isDeclared = bytes[start + 1] === byte.question
  const end = isDeclared && firstEnd >= 0 ? bytes.indexOf(byte.greater, firstEnd + 1) : firstEnd
  if (end < 0 && !isDeclared) return unusual
  const behind = end < 0 ? bytes.length : end + 1
  if (behind - start > limits.headerBytes) return unusual
  const text = byteStringOf(bytes, start, behind)
  if (end < 0) return text.replace(declaration, '') === '' ? incomplete : unusual
  const read = known.get(text) ?? readHeader(text)
  return read === undefined || read.attributes > limits.attributes ? unusual : read.usual
}

const readHeader = (text: ByteString): Read | undefined => {
  const attrs = attributesOf(text.replace(declaration, ''))
  const usual = attrs === undefined ? undefined : judged(attrs, text)
  if (attrs === undefined || usual === undefined) return undefined
  const read = { usual, attributes: Object.keys(attrs).length }
  if (text.length <= longestKnown && attrs.from === undefined) {
    if (known.size >= mostKnown) known.clear()
    known.set(text, read)
  }
  return read
}

const attributesOf = (tag: string): Attributes | undefined => {
  if (!startTag.test(tag)) return undefined
  const attrs: Attributes = {}
  for (const [, name = '', value = ''] of tag.matchAll(attribute)) {
    if (!isKnown(name, value) || attrs[name] !== undefined) return undefined
    attrs[name] = value
  }
  return attrs['xmlns:stream'] === undefined ? undefined : attrs
}

const isKnown = (name: string, value: string): boolean =>
  allowed.has(name) && (allowed.get(name)?.includes(value) ?? !unprintable.test(value))

const judged = (attrs: Attributes, text: ByteString): UsualHeader | undefined => {
  const stream = createStreamContext()
  try {
    const header = stream.open(
      { name: 'stream:stream', prefix: 'stream', local: 'stream', uri: streamNamespace },
      attrs,
    )
    return { header, context: stream.context(), text }
  } catch {
    // The parser opens it again then, and says what is wrong.
    return undefined
  }
}
