/** A fault of ours ends one stream, and the server goes on. */
import { describe, expect, test } from 'vitest'
import { outcome } from './outcome.js'
import { auth, bind, openStage, type Stage, sm3 } from './stage.js'

const serverError = ['stream:error(internal-server-error)', 'end']
const me = 'romeo@a.example'

/** Others are served as ever, nothing is held for the one that broke, and the log says what happened. */
const expectOthersServed = (stage: Stage, faults: number): void => {
  expect(stage.faults.splice(0)).toHaveLength(faults)
  expect([stage.leases(), stage.host.nextDue()]).toEqual([0, undefined])
  expect(outcome(stage.connect().authenticates('juliet').hears())).toEqual([])
}

describe('an exception', () => {
  test('during authentication is internal-server-error', () => {
    const stage = openStage()
    const client = stage.connect().opens().ignores()
    expect(outcome(client.says(auth('throw')).hears())).toEqual(serverError)
    expectOthersServed(stage, 1)
  })

  test('at bind is internal-server-error, and the account is not held', () => {
    const stage = openStage()
    const client = stage.connect().authenticates()
    stage.breakAt('SessionBound')
    expect(outcome(client.says(bind('phone')).hears()).slice(-2)).toEqual(serverError)
    expectOthersServed(stage, 1)
  })

  test('at a stanza is internal-server-error, and ends the session', () => {
    const stage = openStage()
    const client = stage.connect().binds()
    client.enables()
    stage.breakAt('StanzaReceived')
    client.says('<message/>', '<message/>')
    expect(outcome(client.hears()).slice(-2)).toEqual(serverError)
    expect(stage.runtime.account(me).sessions).toEqual([])
    expectOthersServed(stage, 1)
  })

  test('at the deadline destroys the connection', () => {
    const stage = openStage()
    const client = stage.connect().authenticates()
    Object.assign(client.line.connection, {
      close: () => {
        throw new Error('the transport broke')
      },
      drop: () => {
        throw new Error('the transport broke')
      },
    })
    stage.host.advance(30_000)
    expect(client.line.state()).toBe('destroyed')
    expectOthersServed(stage, 2)
  })

  test('where not even an error can be sent destroys the connection', () => {
    const stage = openStage()
    const client = stage.connect().binds()
    stage.breakAt('StanzaReceived', 'StreamRefused')
    client.says('<message/>')
    expect(client.line.state()).toBe('destroyed')
    expect(stage.faults.splice(0)).toHaveLength(2)
  })

  test('while the stream is refused destroys the connection', () => {
    const stage = openStage()
    const client = stage.connect().binds()
    stage.breakAt('StreamRefused')
    client.line.fault({ condition: 'not-well-formed' })
    expect(client.line.state()).toBe('destroyed')
    expect(stage.faults.splice(0)).toHaveLength(1)
  })

  test('at whatever else the transport tells is caught', () => {
    for (const [tag, happens] of [
      ['ConnectionDrained', 'drain'],
      ['ConnectionSilent', 'beSilent'],
      ['ConnectionLost', 'lose'],
      ['StreamClosed', 'closeStream'],
    ] as const) {
      const stage = openStage()
      const client = stage.connect().binds()
      stage.breakAt(tag)
      client.line[happens]()
      stage.host.settle()
      expect(stage.runtime.account(me).sessions).toEqual([])
      expectOthersServed(stage, 1)
    }
  })

  test('at a header is internal-server-error inside a stream of ours', () => {
    const stage = openStage()
    const client = stage.connect()
    const { connection } = client.line
    const { write } = connection
    Object.assign(connection, {
      write: (xml: string) => {
        if (xml.startsWith('<stream:features')) throw new Error('the features broke')
        write(xml)
      },
    })
    expect(outcome(client.opens().hears())).toEqual(['header', ...serverError])
    expectOthersServed(stage, 1)
  })
})

test('a fault says nothing of itself to the peer', () => {
  const stage = openStage()
  const client = stage.connect().binds()
  stage.breakAt('RequestReceived')
  const said = client.says(`<r xmlns='${sm3}'/>`).hears()
  expect(said).toContain('The server made a mistake')
  expect(said).not.toContain('RequestReceived')
  expect(JSON.stringify(stage.faults.splice(0).map(String))).toBeTruthy()
})
