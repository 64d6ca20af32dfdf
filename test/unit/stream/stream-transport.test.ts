/** The loop's port on connections; that it does all that the port demands is in `test/compliance`, over TCP. */
import { type ByteString, Stanza, textOfBytes } from '@smacks/codec'
import { type Connection, streamTransport, xmlStreamFraming } from '@smacks/stream'
import { expect, test } from 'vitest'

const facts = { name: 'message', type: 'chat' } as const
const stanza = Stanza.fromXml('<message><body>Hark!</body></message>')
const since = Date.UTC(2009, 1, 13)

const request = "<r xmlns='urn:xmpp:sm:3'/>"

/** A connection that writes down what is done to it. */
const openConnection = () => {
  const done: Array<string> = []
  const connection = {
    framing: xmlStreamFraming,
    write: (xml: string) => done.push(xml),
    writeBytes: (bytes: ByteString) => done.push(textOfBytes(bytes)),
    writeAlone: (elements: ReadonlyArray<string>) => done.push(`alone: ${elements.join('')}`),
    awaitDrain: () => done.push('drain awaited'),
    close: (xml = '') => done.push(`closed${xml}`),
    drop: () => done.push('dropped'),
  } as unknown as Connection
  const find = (id: string) => (id === 'c1' ? connection : undefined)
  return { done, connections: { find, toWrite: find, flush: () => done.push('flushed') } }
}

test('what is sent to a connection is written there', () => {
  const { done, connections } = openConnection()
  const transport = streamTransport(connections)
  transport.sendStanza('c1', stanza, facts)
  transport.sendNonza('c1', { _tag: 'Request', version: 'urn:xmpp:sm:3' })
  transport.awaitDrain('c1')
  transport.flush()
  transport.close('c1', { condition: 'conflict' })
  transport.drop('c1')
  expect(done).toEqual([
    stanza.xml,
    'drain awaited',
    request,
    'flushed',
    `closed${xmlStreamFraming.error({ condition: 'conflict' })}`,
    'dropped',
  ])
})

test('a request for an ack comes behind all stanzas of its write, once', () => {
  const { done, connections } = openConnection()
  const transport = streamTransport(connections)
  transport.sendStanza('c1', stanza, facts)
  transport.sendNonza('c1', { _tag: 'Request', version: 'urn:xmpp:sm:3' })
  transport.sendNonza('c1', { _tag: 'Ack', version: 'urn:xmpp:sm:3', h: 7 })
  transport.sendStanza('c1', stanza, facts)
  transport.flush()
  transport.sendStanza('c1', stanza, facts)
  transport.flush()
  const ack = "<a xmlns='urn:xmpp:sm:3' h='7'/>"
  expect(done).toEqual([stanza.xml, ack, stanza.xml, request, 'flushed', stanza.xml, 'flushed'])
})

test('a request is not lost where the stream ends behind it', () => {
  for (const [end, ended] of [
    ['close', 'closed'],
    ['drop', 'dropped'],
  ] as const) {
    const { done, connections } = openConnection()
    const transport = streamTransport(connections)
    transport.sendNonza('c1', { _tag: 'Request', version: 'urn:xmpp:sm:3' })
    transport[end]('c1')
    transport.flush()
    expect(done).toEqual([request, ended, 'flushed'])
  }
})

test('<enabled/> leaves alone', () => {
  const { done, connections } = openConnection()
  streamTransport(connections).sendNonza('c1', { _tag: 'Enabled', version: 'urn:xmpp:sm:3', resume: false })
  expect(done).toEqual(["alone: <enabled xmlns='urn:xmpp:sm:3'/>"])
})

test('what is sent again states since when it was delayed, by the domain of whose it is', () => {
  const { done, connections } = openConnection()
  const transport = streamTransport(connections)
  transport.adopt('c1', 'juliet@capulet.example', 'balcony')
  transport.sendStanza('c1', stanza, facts, since)
  expect(done.join()).toMatch(/<delay[^>]* from=.capulet\.example./)
  expect(done.join()).toContain('2009-02-13')
})

test('who delayed it is whom the owner names', () => {
  const { done, connections } = openConnection()
  const transport = streamTransport(connections, { delayFrom: account => `delayed.${account}` })
  transport.adopt('c1', 'juliet@capulet.example', 'balcony')
  transport.sendStanza('c1', stanza, facts, since)
  expect(done.join()).toContain('delayed.juliet@capulet.example')
})

test('a stanza of a connection that nobody adopted is sent as it is', () => {
  const { done, connections } = openConnection()
  streamTransport(connections).sendStanza('c1', stanza, facts, since)
  expect(done).toEqual([stanza.xml])
})

test('a connection that is no more takes nothing, and nobody minds', () => {
  const { done, connections } = openConnection()
  const transport = streamTransport(connections)
  transport.sendStanza('c2', stanza, facts)
  transport.sendNonza('c2', { _tag: 'Request', version: 'urn:xmpp:sm:3' })
  transport.awaitDrain('c2')
  transport.adopt('c2', 'juliet@capulet.example', 'balcony')
  transport.close('c2')
  transport.drop('c2')
  expect(done).toEqual([])
})
