/** Stanzas from one stream to another, of clients or of servers: whatever declares what, they mean the same there. */
import { clientNamespace, Element, parseElement, serverNamespace, streamNamespace } from '@smacks/codec'
import fc from 'fast-check'
import { isLeft } from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { readAll } from './reading.js'

/** The namespace of the stream, by which the parts of a stanza go. */
const content = 'that of the stream'
/** Always written with a prefix. */
const prefixed = 'urn:prefixed'

/** An element, by what it means. */
interface Meaning {
  readonly name: string
  readonly namespace: string
  /** Its namespace is declared though it need not be. */
  readonly declared: boolean
  readonly children: ReadonlyArray<Meaning>
}

const anyName = fc.constantFrom('message', 'body', 'error', 'x')

/** What is inside something that is no part of the stanza: what it names is what it means, on any stream. */
const foreign = (depth: number): fc.Arbitrary<Meaning> =>
  fc.record({
    name: anyName,
    namespace: fc.constantFrom(clientNamespace, serverNamespace, 'urn:x', prefixed),
    declared: fc.boolean(),
    children: depth === 0 ? fc.constant([]) : fc.array(foreign(depth - 1), { maxLength: 2 }),
  })

const part = (depth: number): fc.Arbitrary<Meaning> =>
  fc.record({
    name: anyName,
    namespace: fc.constant(content),
    declared: fc.boolean(),
    children: depth === 0 ? fc.constant([]) : fc.array(partOrPayload(depth - 1), { maxLength: 3 }),
  })

const partOrPayload = (depth: number): fc.Arbitrary<Meaning> =>
  fc.oneof(
    part(depth),
    fc
      .tuple(foreign(depth), fc.constantFrom('urn:x', prefixed))
      .map(([element, namespace]) => ({ ...element, namespace })),
  )

const anyStanza = part(4).map(stanza => ({ ...stanza, name: 'message' }))

/** As somebody might write it into a stream of this namespace, inside an element with this default namespace. */
const written = (element: Meaning, stream: string, around = content): string => {
  const { namespace } = element
  const isPrefixed = namespace === prefixed
  const inside = isPrefixed ? around : namespace
  const name = isPrefixed ? `p:${element.name}` : element.name
  const isDeclared = element.declared || inside !== around
  const declaration = isPrefixed
    ? ` xmlns:p='${prefixed}'`
    : isDeclared
      ? ` xmlns='${inside === content ? stream : inside}'`
      : ''
  const children = element.children.map(child => written(child, stream, inside))
  return `<${name}${declaration}>${children.join('')}</${name}>`
}

type Resolved = readonly [name: string, namespace: string | undefined, children: ReadonlyArray<Resolved>]

/** What it has to mean on a stream of this namespace. */
const meant = ({ name, namespace, children }: Meaning, stream: string): Resolved => [
  name,
  namespace === content ? stream : namespace,
  children.map(child => meant(child, stream)),
]

/** What a text means on such a stream. */
const understood = (xml: string, stream: string): Resolved | undefined => {
  const parsed = parseElement(`<stream xmlns='${stream}'>${xml}</stream>`)
  if (isLeft(parsed)) throw new Error(parsed.left)
  return resolved(parsed.right)[2][0]
}

const resolved = (element: Element): Resolved => [
  element.getName(),
  element.getNS(),
  element.children.flatMap(child => (child instanceof Element ? [resolved(child)] : [])),
]

/** The text of the one element that came on a stream of this namespace. */
const passedOn = (xml: string, stream: string): string => {
  const [, told, ...more] = readAll(`<stream:stream xmlns='${stream}' xmlns:stream='${streamNamespace}'>${xml}`)
  if (typeof told !== 'object' || !('element' in told) || more.length > 0) throw new Error(JSON.stringify([told, more]))
  return told.element
}

const streams = [clientNamespace, serverNamespace]
const anyStream = fc.constantFrom(...streams)

describe('a stanza that came on one stream and leaves on another', () => {
  test('means there what it meant here', () =>
    fc.assert(
      fc.property(anyStanza, anyStream, anyStream, (stanza, from, to) => {
        expect(understood(passedOn(written(stanza, from), from), to)).toEqual(meant(stanza, to))
      }),
      { numRuns: 1000 },
    ))

  test('is written the same however often it goes on', () =>
    fc.assert(
      fc.property(anyStanza, anyStream, anyStream, (stanza, from, to) => {
        const once = passedOn(written(stanza, from), from)
        expect(passedOn(once, to)).toBe(once)
      }),
      { numRuns: 1000 },
    ))

  test.each(streams)('has parts that do not name %s', stream =>
    expect(passedOn(`<message xmlns='${stream}'><error><x xmlns='${stream}'/></error></message>`, stream)).toBe(
      '<message><error><x/></error></message>',
    ),
  )

  test.each(streams)('keeps %s where it is inside something else, as forwarded stanzas are', inner => {
    const forwarded = `<forwarded xmlns="urn:xmpp:forward:0"><message xmlns="${inner}"><body xmlns="${inner}"/></message></forwarded>`
    const underPrefix = `<f:forwarded xmlns:f="urn:xmpp:forward:0"><message xmlns="${inner}"/></f:forwarded>`
    const onPrefix = `<f:forwarded xmlns:f="urn:xmpp:forward:0" xmlns="${inner}"><message/></f:forwarded>`
    for (const payload of [forwarded, underPrefix, onPrefix])
      for (const stream of streams)
        expect(passedOn(`<message>${payload}</message>`, stream)).toContain(`>${payload}</message>`)
  })
})
