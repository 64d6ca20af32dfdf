import { createStreamReader, type StreamHeader } from '@smacks/codec'
import { xmlStreamFraming } from '@smacks/stream'
import { describe, expect, test } from 'vitest'
import { serverFeatures, serverHeader, startTls } from '../../../packages/stream-s2s/src/elements.js'
import { elementOf } from './reading.js'

const headerOf = (xml: string): StreamHeader => {
  let read: StreamHeader | undefined
  const reader = createStreamReader(
    { headerBytes: 10_000, stanzaBytes: 10_000, depth: 64, elements: 1000, attributes: 100 },
    {
      header: header => {
        read = header
      },
      element: () => {},
      close: () => {},
      fault: fault => {
        throw new Error(fault.text)
      },
    },
  )
  reader.write(Buffer.from(xml))
  if (read === undefined) throw new Error('no header')
  return read
}

describe('a stream header between servers', () => {
  test('of the initiating side has no id', () =>
    expect(headerOf(xmlStreamFraming.open(serverHeader({ from: 'a.example', to: 'b.example' })))).toEqual({
      xmlns: 'jabber:server',
      version: '1.0',
      from: 'a.example',
      to: 'b.example',
      lang: 'en',
    }))

  test('of the receiving side has one, and may not know whom it is to', () =>
    expect(headerOf(xmlStreamFraming.open(serverHeader({ from: "a'b<c", id: 'x&y' })))).toEqual({
      xmlns: 'jabber:server',
      version: '1.0',
      from: "a'b<c",
      id: 'x&y',
      lang: 'en',
    }))

  test('declares dialback with the prefix that all understand (XEP-0220 §2.4.1)', () =>
    expect(xmlStreamFraming.open(serverHeader({ from: 'a.example' }))).toContain(" xmlns:db='jabber:server:dialback'"))
})

describe('features for servers', () => {
  const features = (offered: Parameters<typeof serverFeatures>[0]) => xmlStreamFraming.features(serverFeatures(offered))
  const names = (offered: Parameters<typeof serverFeatures>[0]) =>
    elementOf(features(offered))
      .getChildElements()
      .map(child => `${child.getName()} ${child.getNS()}`)

  test('are empty where there is nothing to offer', () =>
    expect(features({})).toBe('<stream:features></stream:features>'))

  test('are in the stream namespace', () =>
    expect(elementOf(features({})).is('features', 'http://etherx.jabber.org/streams')).toBe(true))

  test('are those that are offered, in the order of negotiation', () => {
    expect(names({ startTls: 'optional', external: true, dialback: true, streamManagement: true })).toEqual([
      'starttls urn:ietf:params:xml:ns:xmpp-tls',
      'mechanisms urn:ietf:params:xml:ns:xmpp-sasl',
      'dialback urn:xmpp:features:dialback',
      'sm urn:xmpp:sm:3',
      'sm urn:xmpp:sm:2',
    ])
    expect(names({ external: false, dialback: false, streamManagement: false })).toEqual([])
  })

  test('say whether TLS must be', () => {
    const required = (startTlsOffer: 'optional' | 'required') =>
      elementOf(features({ startTls: startTlsOffer }))
        .getChild('starttls')
        ?.getChild('required') !== undefined
    expect(required('required')).toBe(true)
    expect(required('optional')).toBe(false)
  })

  test('name EXTERNAL alone, and say that dialback answers errors', () => {
    const offered = elementOf(features({ external: true, dialback: true }))
    expect(
      offered
        .getChild('mechanisms')
        ?.getChildElements()
        .map(child => child.getText()),
    ).toEqual(['EXTERNAL'])
    expect(offered.getChild('dialback')?.getChild('errors')).toBeDefined()
  })
})

test('<starttls/> is one element of TLS', () =>
  expect(elementOf(startTls).is('starttls', 'urn:ietf:params:xml:ns:xmpp-tls')).toBe(true))
