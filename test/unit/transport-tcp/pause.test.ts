import { describe, expect, test } from 'vitest'
import { header, startHouse, turn, until } from './harness.js'

/** A handler that pauses at `<auth/>`. */
const pausing = () =>
  startHouse({
    onElement: (element, connection) => {
      if (element.name === 'auth') connection.pause()
    },
  })

describe('a connection that its handler pauses', () => {
  test('tells nothing of what came behind, in the same packet or later, until it is resumed', async () => {
    const house = await pausing()
    const peer = await house.connect()
    peer.send(`${header}<auth/><one/>`)
    await until('the element is told', () => house.recorder().told.includes('<auth/>'))
    peer.send('<two/>')
    for (let n = 0; n < 20; n += 1) await turn()
    expect(house.recorder().told).toEqual(['opened localhost', '<auth/>'])
    house.recorder().connection.resume()
    await until('the rest is told', () => house.recorder().told.length === 4)
    expect(house.recorder().told.slice(2)).toEqual(['<one/>', '<two/>'])
  })

  test('takes what came behind as a new stream, if it was restarted meanwhile', async () => {
    const house = await pausing()
    const peer = await house.connect()
    peer.send(`${header}<auth/>${header}<iq/>`)
    await until('the element is told', () => house.recorder().told.includes('<auth/>'))
    const { connection } = house.recorder()
    connection.restart()
    connection.resume()
    await until('the rest is told', () => house.recorder().told.length === 4)
    expect(house.recorder().told.slice(2)).toEqual(['opened localhost', '<iq/>'])
  })

  test('may be paused again by what was held, and is resumed as often', async () => {
    const house = await pausing()
    const peer = await house.connect()
    peer.send(`${header}<auth/><one/><auth/><two/>`)
    await until('the element is told', () => house.recorder().told.includes('<auth/>'))
    house.recorder().connection.resume()
    expect(house.recorder().told.slice(2)).toEqual(['<one/>', '<auth/>'])
    house.recorder().connection.resume()
    expect(house.recorder().told.slice(4)).toEqual(['<two/>'])
    house.recorder().connection.resume()
    peer.send('<three/>')
    await until('the rest is told', () => house.recorder().told.length === 6)
  })

  test('can be closed, and what was held is gone', async () => {
    const house = await pausing()
    const peer = await house.connect()
    peer.send(`${header}<auth/><one/>`)
    await until('the element is told', () => house.recorder().told.includes('<auth/>'))
    const { connection } = house.recorder()
    connection.close('<bye/>')
    connection.resume()
    await until('the end came', () => peer.received().endsWith('</stream:stream>'))
    expect(house.recorder().told).toEqual(['opened localhost', '<auth/>'])
  })

  test('whose line is cut meanwhile tells that', async () => {
    const house = await pausing()
    const peer = await house.connect()
    peer.send(`${header}<auth/><one/>`)
    await until('the element is told', () => house.recorder().told.includes('<auth/>'))
    peer.socket.resetAndDestroy()
    house.recorder().connection.resume()
    await until('the loss is told', () => house.recorder().told.some(line => line.startsWith('lost')))
  })
})
