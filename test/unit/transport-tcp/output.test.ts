import { Socket } from 'node:net'
import { Stanza } from '@smacks/codec'
import type { StanzaFacts } from '@smacks/core'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { header, startHouse, turn, until } from './harness.js'

const facts: StanzaFacts = { name: 'message', type: 'chat' }
const stanza = (body: string) => Stanza.fromXml(`<message><body>${body}</body></message>`)
const enabled = { _tag: 'Enabled', version: 'urn:xmpp:sm:3', resume: false } as const
const request = { _tag: 'Request', version: 'urn:xmpp:sm:3' } as const

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

/** What is written to any socket from now on, one line a write. */
const recordWrites = (): ReadonlyArray<string> => {
  const writes: string[] = []
  const write = Socket.prototype.write
  vi.spyOn(Socket.prototype, 'write').mockImplementation(function (this: Socket, ...given: unknown[]) {
    writes.push(String(given[0]))
    return Reflect.apply(write, this, given)
  })
  return writes
}

describe('what the loop sends', () => {
  test('waits for the flush, and then leaves in one write', async () => {
    const house = await startHouse()
    const peer = await house.connect()
    const { id } = house.recorder().connection
    const writes = recordWrites()
    house.transport.sendStanza(id, stanza('1'), facts)
    house.transport.sendStanza(id, stanza('2'), facts)
    house.transport.sendNonza(id, request)
    await turn()
    expect(writes).toEqual([])
    house.transport.flush()
    expect(writes).toEqual([
      "<message><body>1</body></message><message><body>2</body></message><r xmlns='urn:xmpp:sm:3'/>",
    ])
    house.transport.flush()
    expect(writes.length).toBe(1)
    await until('it arrives', () => peer.received() === writes[0])
  })

  test('to unknown connections is dropped', async () => {
    const house = await startHouse()
    expect(() => {
      house.transport.sendStanza('nobody', stanza('1'), facts)
      house.transport.sendNonza('nobody', enabled)
      house.transport.adopt('nobody', 'a@localhost', 'phone')
      house.transport.close('nobody')
      house.transport.flush()
    }).not.toThrow()
  })

  test('keeps <enabled/> in a write of its own, and what follows it for a later turn', async () => {
    const house = await startHouse()
    const peer = await house.connect()
    const { id } = house.recorder().connection
    const writes = recordWrites()
    house.transport.sendStanza(id, stanza('before'), facts)
    house.transport.sendNonza(id, enabled)
    house.transport.sendNonza(id, request)
    house.transport.sendStanza(id, stanza('after'), facts)
    house.transport.flush()
    house.transport.flush()
    expect(writes).toEqual(['<message><body>before</body></message>', expect.stringMatching(/^<enabled [^>]*\/>$/)])
    await until('the rest is written', () => writes.length === 3)
    expect(writes[2]).toBe("<message><body>after</body></message><r xmlns='urn:xmpp:sm:3'/>")
    await until('all arrives', () => peer.received() === writes.join(''))
  })

  test('says since when it is delayed, from the domain of the account', async () => {
    const house = await startHouse()
    const peer = await house.connect()
    const { id } = house.recorder().connection
    house.transport.adopt(id, 'juliet@capulet.example', 'balcony')
    house.transport.sendStanza(id, stanza('again'), facts, 1_000_000)
    house.transport.flush()
    await until('it arrives', () => peer.received().endsWith('</message>'))
    expect(peer.received()).toMatch(/<delay[^>]* from=.capulet\.example./)
    expect(peer.received()).toContain('1970-01-01T00:16:40')
  })
})

describe('what the handler writes', () => {
  test('leaves in one write at the end of the input it answers', async () => {
    const house = await startHouse({ onElement: (element, connection) => connection.write(`<got-${element.name}/>`) })
    const peer = await house.connect()
    peer.send(header)
    await until('the header is told', () => house.recorder().told.length === 1)
    const writes = recordWrites()
    peer.send('<a/><b/><c/>')
    await until('the answers arrive', () => peer.received() === '<got-a/><got-b/><got-c/>')
    expect(writes).toEqual(['<a/><b/><c/>', '<got-a/><got-b/><got-c/>'])
  })

  test('can leave alone, behind what was said before and before what is said later', async () => {
    const house = await startHouse()
    const peer = await house.connect()
    const { connection } = house.recorder()
    const writes = recordWrites()
    connection.write('<before/>')
    connection.writeAlone(['<success/>', '<features/>'])
    connection.writeAlone([])
    connection.write('<behind/>')
    await until('all arrives', () => peer.received() === '<before/><success/><features/><behind/>')
    expect(writes).toEqual(['<before/>', '<success/><features/>', '<behind/>'])
  })

  test('outside of any input leaves in one write of its turn', async () => {
    const house = await startHouse()
    const peer = await house.connect()
    const { connection } = house.recorder()
    const writes = recordWrites()
    connection.write('<a/>')
    connection.write('<b/>')
    expect(writes).toEqual([])
    await until('it arrives', () => peer.received() === '<a/><b/>')
    expect(writes).toEqual(['<a/><b/>'])
  })

  test('before anything was read is possible', async () => {
    const house = await startHouse({ onAccept: connection => connection.write('<early/>') })
    const peer = await house.connect()
    await until('it arrives', () => peer.received() === '<early/>')
  })
})

describe('closing', () => {
  test('writes what is buffered, then the error, then the end of the stream, then ends', async () => {
    const house = await startHouse()
    const peer = await house.connect()
    const { id } = house.recorder().connection
    let ended = false
    peer.socket.on('end', () => {
      ended = true
    })
    house.transport.sendStanza(id, stanza('first'), facts)
    house.transport.close(id, { condition: 'conflict' })
    house.transport.sendStanza(id, stanza('too late'), facts)
    house.transport.flush()
    await until('the connection ends', () => ended)
    expect(peer.received()).toBe(
      "<message><body>first</body></message><stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>",
    )
    peer.socket.end()
    await until('the connection is forgotten', () => house.transport.connections() === 0)
    expect(house.recorder().told).toEqual([])
  })

  test('takes along what waits behind <enabled/>', async () => {
    const house = await startHouse()
    const peer = await house.connect()
    const { id } = house.recorder().connection
    house.transport.sendNonza(id, enabled)
    house.transport.sendStanza(id, stanza('after'), facts)
    house.transport.close(id)
    house.transport.flush()
    await until('the end arrives', () => peer.received().endsWith('</stream:stream>'))
    expect(peer.received()).toMatch(/^<enabled [^>]*\/><message><body>after<\/body><\/message><\/stream:stream>$/)
  })

  test('says nothing on a stream that never began', async () => {
    const house = await startHouse()
    const peer = await house.connect()
    let ended = false
    peer.socket.on('end', () => {
      ended = true
    })
    house.recorder().connection.close()
    await until('the connection ends', () => ended)
    expect(peer.received()).toBe('')
  })

  test('discards what still comes', async () => {
    const house = await startHouse()
    const peer = await house.connect()
    peer.send(header)
    await until('the header is told', () => house.recorder().told.length === 1)
    house.recorder().connection.close('<bye/>')
    await until('the end arrives', () => peer.received() === '<bye/></stream:stream>')
    peer.send('<presence/>'.repeat(100_000))
    peer.socket.end()
    await until('the connection is forgotten', () => house.transport.connections() === 0)
    expect(house.recorder().told).toEqual(['opened localhost'])
  })

  test('inside an element hears nothing of the rest of the packet', async () => {
    for (const adopted of [false, true]) {
      const house = await startHouse({ onElement: (_, connection) => connection.close() })
      const peer = await house.connect()
      if (adopted) house.transport.adopt(house.recorder().connection.id, 'a@localhost', 'phone')
      peer.send(`${header}<a/><b/></c>`)
      peer.socket.end()
      await until('the connection is forgotten', () => house.transport.connections() === 0)
      expect(house.recorder().told.slice(-2)).toEqual(['opened localhost', '<a/>'])
    }
  })

  test('answers a client that has shut down its side already', async () => {
    const house = await startHouse()
    const peer = await house.connect()
    peer.send(`${header}</stream:stream>`)
    peer.socket.end()
    await until('the end is told', () => house.recorder().told.includes('closed'))
    await turn()
    await turn()
    house.recorder().connection.close("<a xmlns='urn:xmpp:sm:3' h='0'/>")
    await until('the answer arrives', () => peer.received() === "<a xmlns='urn:xmpp:sm:3' h='0'/></stream:stream>")
    await until('the connection is forgotten', () => house.transport.connections() === 0)
  })

  test('destroys the connection if the peer does not end it within five seconds', async () => {
    const house = await startHouse()
    const peer = await house.connect()
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    house.recorder().connection.close('<bye/>')
    await until('the end arrives', () => peer.received() === '<bye/></stream:stream>')
    vi.advanceTimersByTime(4_999)
    await turn()
    expect(house.transport.connections()).toBe(1)
    vi.advanceTimersByTime(1)
    await until('the connection is forgotten', () => house.transport.connections() === 0)
  })
})

describe('stopping', () => {
  test('leaves all streams unfinished behind what was said on them, and listens no more', async () => {
    const house = await startHouse()
    const peers = [await house.connect(), await house.connect()]
    for (const { connection } of house.recorders) connection.write('<hello/>')
    for (const peer of peers) peer.socket.on('end', () => peer.socket.end())
    await until('all is set', () => peers.every(peer => peer.received() !== ''))
    await house.transport.stop()
    expect(house.transport.connections()).toBe(0)
    for (const peer of peers) expect(peer.received()).toBe('<hello/>')
    await expect(house.connect()).rejects.toThrow('ECONNREFUSED')
  })
})
