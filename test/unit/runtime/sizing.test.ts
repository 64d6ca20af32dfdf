/** Sizes come with what is submitted, and the application may have a say in what is stored. */
import type { Event, StanzaFacts } from '@smacks/core'
import { describe, expect, it } from 'vitest'
import { sendersOf } from '../../../packages/runtime/src/ports.js'
import { sizing } from '../../../packages/runtime/src/sizing.js'
import { createWorld, events } from './world.js'

const facts: StanzaFacts = { name: 'message', type: 'chat' }

describe('the size of a stanza', () => {
  const sized = sizing<string>(({ length }) => length)

  it('is told with what is submitted, unless it is told already', () => {
    const event: Event<string> = { _tag: 'StanzaSubmitted', at: 1, resource: 'x', stanza: 'four', facts }
    expect(sized(event)).toEqual({ ...event, size: 4 })
    expect(sized({ ...event, size: 9 })).toEqual({ ...event, size: 9 })
  })

  it('is told for each recipient', () => {
    const one = { resource: 'x', stanza: 'four', facts }
    const recipients = [one, { ...one, stanza: 'sevenfold', size: 1 }]
    expect(sized({ _tag: 'MessageSubmitted', at: 1, recipients })).toEqual({
      _tag: 'MessageSubmitted',
      at: 1,
      recipients: [
        { ...one, size: 4 },
        { ...one, stanza: 'sevenfold', size: 1 },
      ],
    })
  })

  it('is no matter of other events', () => {
    const event: Event<string> = { _tag: 'CloseRequested', at: 1, resource: 'x' }
    expect(sized(event)).toBe(event)
  })
})

describe('a message that a session leaves', () => {
  const romeo = 'romeo@example.org'
  const c1 = events('orchard', 'c1')

  it('is stored if the application wants that, and also where it cannot say', () => {
    const world = createWorld({
      application: (_, log) => ({
        mayStoreOffline: (account, stanza) => {
          log.push(`${stanza} of ${account}?`)
          if (stanza === 'm3') throw new Error('bad day')
          return stanza === 'm1'
        },
      }),
    })
    for (const event of [c1.bound(), c1.enable(), ...['m1', 'm2', 'm3'].map(stanza => c1.submitted(stanza))])
      world.runtime.dispatch(romeo, event)
    world.endTurn()
    world.log.length = 0
    world.runtime.dispatch(romeo, { _tag: 'CloseRequested', at: 2_000, resource: 'orchard' })
    world.endTurn()
    expect(world.log.slice(0, 3)).toEqual(['m1', 'm2', 'm3'].map(stanza => `${stanza} of ${romeo}?`))
    expect(world.log.filter(line => line.startsWith('commit'))).toEqual(['commit PutOffline PutOffline'])
    expect(world.faults).toEqual(['the application, at StoreOffline'])
  })
})

describe('senders of a message', () => {
  it.each([
    ['romeo@a.example/x@y/z', ['romeo@a.example', 'a.example']],
    ['romeo@a.example', ['romeo@a.example', 'a.example']],
    ['a.example/x@y', ['a.example']],
    ['a.example', ['a.example']],
    [undefined, []],
  ])('%s', (from, expected) => expect(sendersOf(from === undefined ? {} : { from })).toEqual(expected))
})
