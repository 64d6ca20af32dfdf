/** When an ack is asked for, though fewer stanzas are unacked than may be; and what is not armed then. */
import { describe, expect, test } from 'vitest'
import { type Effects, enabled, initiated, nonzas } from '../../spec/driver.js'

const requests = (effects: Effects) => nonzas(effects).filter(({ _tag }) => _tag === 'Request').length
const disarmed = (effects: Effects) => effects.flatMap(effect => (effect._tag === 'DisarmTimer' ? [effect.timer] : []))
const armed = (effects: Effects) => effects.flatMap(effect => (effect._tag === 'ArmTimer' ? [effect.timer] : []))

const unhurried = { maxUnackedStanzas: 10 }

describe('a good moment to ask', () => {
  test('is when the client wakes up', () => {
    const server = enabled(unhurried)
    server.inactive()
    expect(requests(server.submit('m1'))).toBe(0)
    expect(requests(server.active())).toBe(1)
  })

  test('is when the client has resumed', () => {
    const server = enabled(unhurried)
    server.submit('m1')
    server.lose()
    expect(requests(server.resume(0))).toBe(1)
  })

  test('is when we have resumed', () => {
    const client = initiated(unhurried)
    client.submit('m1')
    client.lose()
    client.requestResume()
    expect(requests(client.resumed(0))).toBe(1)
  })

  test('is none when all is acked', () => {
    const server = enabled(unhurried)
    expect(requests(server.active())).toBe(0)
    server.lose()
    expect(requests(server.resume(0))).toBe(0)
  })
})

describe('while requests are held', () => {
  const held = () => {
    const server = enabled({ requestHold: 0.02 })
    expect(armed(server.submit('m1'))).toEqual(['ackHold'])
    return server
  }

  test('a silent line is not given up for want of an answer to what was not asked', () => {
    const server = enabled({ requestHold: 0.02 })
    expect(armed(server.silence())).toEqual(['ackHold'])
    expect(armed(held().silence())).toEqual([])
  })

  test('a lost line ends the holding', () => {
    expect(disarmed(held().lose())).toEqual(['ackHold'])
  })

  test('so does a resumption that takes the session over', () => {
    expect(disarmed(held().resume(0))).toEqual(['ackHold'])
  })
})

describe('once the hold is over, whatever comes before its timer is a moment to ask', () => {
  const holdIsOver = () => {
    const server = enabled({ requestHold: 0.02 })
    server.submit('m1')
    server.pass(1)
    return server
  }

  test('as our answer to an <r/> leaves, after it', () => {
    expect(nonzas(holdIsOver().request()).map(({ _tag }) => _tag)).toEqual(['Ack', 'Request'])
  })

  test('as the connection has taken all', () => {
    expect(nonzas(holdIsOver().drain()).map(({ _tag }) => _tag)).toEqual(['Request'])
  })
})

test('a session hibernates on when another timer fires, be it at the very deadline', () => {
  const server = enabled()
  server.lose()
  const before = server.session()
  if (before._tag !== 'Hibernating') throw new Error('it should hibernate')
  const due = before.deadlines.hibernation
  expect(server.happen({ _tag: 'TimerFired', resource: 'phone', timer: 'ackDelay', due })).toEqual([])
  expect(server.session()).toBe(before)
})
