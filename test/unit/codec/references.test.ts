import { createStreamReader, type StreamFault } from '@smacks/codec'
import { describe, expect, it } from 'vitest'

const header =
  "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='x.org' version='1.0'>"

/** What reading these pieces tells: bodies of messages, and the condition of a fault. */
const read = (...pieces: ReadonlyArray<string>): ReadonlyArray<string> => {
  const told: Array<string> = []
  const reader = createStreamReader(
    { headerBytes: 10_000, stanzaBytes: 10_000, depth: 8, elements: 100, attributes: 8 },
    {
      header: () => {},
      element: element => told.push(element.getChildText('body') ?? ''),
      close: () => told.push('closed'),
      fault: (fault: StreamFault) => told.push(fault.condition),
    },
  )
  for (const piece of [header, ...pieces]) reader.write(new TextEncoder().encode(piece))
  return told
}

describe('references', () => {
  it('may arrive in pieces', () => {
    expect(read('<message><body>fish &a', 'm', 'p; chips&#x', '21;</body></message>')).toEqual(['fish & chips!'])
  })

  it.each(['a & b</body></message>', 'a &b</body></message>', 'a &<'])(
    'are not waited for where none can come: %s',
    text => {
      expect(read(`<message><body>${text}`)).toEqual(['not-well-formed'])
    },
  )

  it('are none inside CDATA', () => {
    expect(read('<message><body><![CDATA[a & b]]></body></message>')).toEqual(['a & b'])
  })
})
