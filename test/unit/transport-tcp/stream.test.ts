import { describe, expect, test } from 'vitest'
import { header, startHouse, until } from './harness.js'

describe('a stream', () => {
  test('is told as header, elements and end, in order', async () => {
    const house = await startHouse()
    const peer = await house.connect()
    peer.send(`<?xml version='1.0'?>${header}<presence/><message><body>hi</body></message></stream:stream>`)
    await until('the end is told', () => house.recorder().told.includes('closed'))
    expect(house.recorder().told).toEqual(['opened localhost', '<presence/>', '<message>hi</message>', 'closed'])
  })

  test('is read the same one byte at a time, also within a character', async () => {
    const house = await startHouse()
    const peer = await house.connect()
    for (const byte of Buffer.from(`${header}<message><body>żółć 🐛</body></message> <a/>\n</stream:stream>`)) {
      peer.send(Uint8Array.of(byte))
      await new Promise(setImmediate)
    }
    await until('the end is told', () => house.recorder().told.includes('closed'))
    expect(house.recorder().told).toEqual(['opened localhost', '<message>żółć 🐛</message>', '<a/>', 'closed'])
  })

  test('may have whitespace between its elements, of which nothing is told', async () => {
    const house = await startHouse()
    const peer = await house.connect()
    peer.send(`${header} \n <presence/>\n\n <iq/>`)
    await until('the elements are told', () => house.recorder().told.length === 3)
    expect(house.recorder().told).toEqual(['opened localhost', '<presence/>', '<iq/>'])
  })

  test('that is not well-formed is faulted once, and nothing after it is told', async () => {
    const house = await startHouse()
    const peer = await house.connect()
    peer.send(`${header}<presence/><message></iq><presence/>`)
    await until('the fault is told', () => house.recorder().told.at(-1)?.startsWith('faulted') === true)
    peer.send('<presence/></stream:stream>')
    peer.socket.end()
    await new Promise(setImmediate)
    expect(house.recorder().told).toEqual(['opened localhost', '<presence/>', 'faulted not-well-formed'])
  })

  test('is not closed by the end tag of another element', async () => {
    const house = await startHouse()
    const peer = await house.connect()
    peer.send(`${header}<presence/></stream>`)
    await until('the fault is told', () => house.recorder().told.length === 3)
    expect(house.recorder().told).toEqual(['opened localhost', '<presence/>', 'faulted not-well-formed'])
  })

  test('tells nothing after its end', async () => {
    const house = await startHouse()
    const peer = await house.connect()
    peer.send(`${header}</stream:stream><presence/>`)
    peer.socket.end('<presence/>')
    await until('the end is told', () => house.recorder().told.length === 2)
    expect(house.recorder().told).toEqual(['opened localhost', 'closed'])
  })

  test('goes on behind a stanza that is larger than allowed, up to four times as large', async () => {
    const house = await startHouse({ limits: { stanzaBytes: 10_000 } })
    const peer = await house.connect()
    const message = (size: number) => `<message><body>${'>'.repeat(size)}</body></message>`
    peer.send(`${header}${message(9_000)}${message(11_000)}<presence/>`)
    await until('all is told', () => house.recorder().told.length === 4)
    expect(house.recorder().told.slice(2)).toEqual(['over a limit: message, policy-violation', '<presence/>'])
    peer.send(message(40_000))
    await until('the fault is told', () => house.recorder().told.length === 5)
    expect(house.recorder().told[4]).toBe('faulted policy-violation')
  })

  test('whose element is larger than allowed is faulted if it is no stanza', async () => {
    const house = await startHouse({ limits: { stanzaBytes: 10_000 } })
    const peer = await house.connect()
    peer.send(`${header}<auth>${'>'.repeat(11_000)}`)
    await until('the fault is told', () => house.recorder().told.length === 2)
    expect(house.recorder().told[1]).toBe('faulted policy-violation')
  })
})

describe('a restart', () => {
  test('lets the new stream follow in the same packet', async () => {
    const house = await startHouse({
      onElement: (element, connection) => {
        if (element.name === 'auth') connection.restart()
      },
    })
    const peer = await house.connect()
    peer.send(`${header}<auth/><?xml version='1.0'?>${header.replace('localhost', 'second.localhost')}<iq/><iq/>`)
    await until('all is told', () => house.recorder().told.length === 5)
    expect(house.recorder().told).toEqual(['opened localhost', '<auth/>', 'opened second.localhost', '<iq/>', '<iq/>'])
  })

  test('lets the new stream follow at any distance, split anywhere', async () => {
    const text = `${header}<auth mechanism='a>b'>=</auth> \n${header}<iq/>`
    const first = text.indexOf('</auth>')
    for (const cut of [first, first + 6, first + 7, first + 8, first + 20]) {
      const house = await startHouse({
        onElement: (element, connection) => {
          if (element.name === 'auth') connection.restart()
        },
      })
      const peer = await house.connect()
      peer.send(text.slice(0, cut))
      await until('the header is told', () => house.recorder().told.length > 0)
      peer.send(text.slice(cut))
      await until('all is told', () => house.recorder().told.length === 4)
      expect(house.recorder().told.at(-1)).toBe('<iq/>')
    }
  })

  test('is no more possible once the negotiation is over, and nothing is read in the wrong stream', async () => {
    const manyTags = '<message><body/></message>'.repeat(300)
    for (const text of [`${header}<established/>`, `${header}${manyTags}`]) {
      const house = await startHouse({
        onElement: (element, connection) => {
          if (element.name === 'established') connection.established()
          if (element.name === 'auth') connection.restart()
        },
      })
      const peer = await house.connect()
      peer.send(`${text}<auth/>${header}<iq/>`)
      await until('the fault is told', () => house.recorder().told.at(-1)?.startsWith('faulted') === true)
      expect(house.recorder().told.slice(-2)).toEqual(['<auth/>', 'faulted policy-violation'])
    }
  })
})

describe('a line that drops', () => {
  test('with FIN between elements is lost', async () => {
    const house = await startHouse()
    const peer = await house.connect()
    peer.send(`${header}<presence/>`)
    peer.socket.end()
    await until('the loss is told', () => house.recorder().told.length === 3)
    expect(house.recorder().told[2]).toBe('lost: the peer ended the connection without closing the stream')
    await until('the connection is forgotten', () => house.transport.connections() === 0)
  })

  test('with FIN in the middle of an element is lost, and the half element is neither told nor called bad XML', async () => {
    const house = await startHouse()
    const peer = await house.connect()
    peer.send(`${header}<presence/><message><body>half a mess`)
    peer.socket.end()
    await until('the loss is told', () => house.recorder().told.length === 3)
    expect(house.recorder().told).toEqual([
      'opened localhost',
      '<presence/>',
      'lost: the peer ended the connection in the middle of an element',
    ])
  })

  test('with RST is lost', async () => {
    const house = await startHouse()
    const peer = await house.connect()
    peer.send(header)
    await until('the header is told', () => house.recorder().told.length === 1)
    peer.socket.resetAndDestroy()
    await until('the loss is told', () => house.recorder().told.length === 2)
    expect(house.recorder().told[1]).toBe('lost: read ECONNRESET')
    await until('the connection is forgotten', () => house.transport.connections() === 0)
  })

  test('after the end of the stream is not lost', async () => {
    const house = await startHouse()
    const peer = await house.connect()
    peer.send(`${header}</stream:stream>`)
    await until('the end is told', () => house.recorder().told.length === 2)
    peer.socket.resetAndDestroy()
    await until('the connection is forgotten', () => house.transport.connections() === 0)
    expect(house.recorder().told).toEqual(['opened localhost', 'closed'])
  })

  test('after the handler has closed or destroyed the connection is not lost', async () => {
    for (const way of ['close', 'destroy'] as const) {
      const house = await startHouse()
      const peer = await house.connect()
      house.recorder().connection[way]()
      peer.socket.resetAndDestroy()
      await until('the connection is forgotten', () => house.transport.connections() === 0)
      expect(house.recorder().told).toEqual([])
    }
  })
})
