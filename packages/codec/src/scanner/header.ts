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
import { StreamEnd } from '../stream-end.js'
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

const startTag = /^<stream:stream((?:[ \n]+[a-z:]+=(?:'[^'"<>&]*'|"[^'"<>&]*"))+)[ \n]*>$/

const attribute = /([a-z:]+)=['"]([^'"]*)/g

const unprintable = /[^\x20-\x7e]/

/** What each attribute may be; any text where nothing is said. */
const known: ReadonlyMap<string, ReadonlyArray<string> | undefined> = new Map([
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
  const tag = text.replace(declaration, '')
  if (end < 0) return tag === '' ? incomplete : unusual
  const attrs = attributesOf(tag, limits.attributes)
  return attrs === undefined ? unusual : judged(attrs, text)
}

const attributesOf = (tag: string, most: number): Attributes | undefined => {
  const found = startTag.exec(tag)
  if (found === null) return undefined
  const attrs: Attributes = {}
  let count = 0
  for (const [, name = '', value = ''] of (found[1] ?? '').matchAll(attribute)) {
    if (!isKnown(name, value) || attrs[name] !== undefined) return undefined
    attrs[name] = value
    count += 1
  }
  return count <= most && attrs['xmlns:stream'] !== undefined ? attrs : undefined
}

const isKnown = (name: string, value: string): boolean =>
  known.has(name) && (known.get(name)?.includes(value) ?? !unprintable.test(value))

/** What is wrong with it, the parser says. */
const judged = (attrs: Attributes, text: ByteString): UsualHeader | typeof unusual => {
  const stream = createStreamContext()
  try {
    const header = stream.open(
      { name: 'stream:stream', prefix: 'stream', local: 'stream', uri: streamNamespace },
      attrs,
    )
    return { header, context: stream.context(), text }
  } catch (thrown) {
    if (thrown instanceof StreamEnd) return unusual
    throw thrown
  }
}
