import { createEventBus, type SmacksEventName } from '@smacks/bus-events'
import type { AccountId, Instant } from '@smacks/core'
import type { BusEvent } from '@smacks/runtime'
import { describe, expect, expectTypeOf, it } from 'vitest'

const session = { account: 'romeo@example.net', resource: 'orchard', at: 1000 }
const delayed: BusEvent<string> = { ...session, _tag: 'AckDelayed', unacked: [] }
const started: BusEvent<string> = { ...session, _tag: 'HibernationStarted', unacked: [], deadline: 601_000 }
const queued: BusEvent<string> = {
  ...session,
  _tag: 'HibernationStanzaQueued',
  stanza: 'm1',
  facts: { name: 'message', type: 'chat' },
  queueLength: 1,
}
const ended: BusEvent<string> = { ...session, _tag: 'HibernationEnded', outcome: 'expired', hibernatedSince: 1000 }

const createBus = () => {
  const errors: Array<readonly [error: unknown, name: SmacksEventName]> = []
  return { errors, bus: createEventBus<string>({ onListenerError: (error, name) => void errors.push([error, name]) }) }
}

describe('the bus in one process', () => {
  it('knows the events by the names of mod_smacks', () => {
    const { bus } = createBus()
    const heard: Array<readonly [SmacksEventName, string]> = []
    bus.on('smacks-ack-delayed', event => void heard.push(['smacks-ack-delayed', event._tag]))
    bus.on('smacks-hibernation-start', event => void heard.push(['smacks-hibernation-start', event._tag]))
    bus.on(
      'smacks-hibernation-stanza-queued',
      event => void heard.push(['smacks-hibernation-stanza-queued', event._tag]),
    )
    bus.on('smacks-hibernation-end', event => void heard.push(['smacks-hibernation-end', event._tag]))
    for (const event of [delayed, started, queued, ended]) bus.publish(event)
    expect(heard).toEqual([
      ['smacks-ack-delayed', 'AckDelayed'],
      ['smacks-hibernation-start', 'HibernationStarted'],
      ['smacks-hibernation-stanza-queued', 'HibernationStanzaQueued'],
      ['smacks-hibernation-end', 'HibernationEnded'],
    ])
  })

  it('types what a listener is given by the name', () => {
    const { bus } = createBus()
    bus.on('smacks-hibernation-stanza-queued', event => {
      expectTypeOf(event.stanza).toEqualTypeOf<string>()
      expectTypeOf(event.account).toEqualTypeOf<AccountId>()
    })
    bus.on('smacks-hibernation-start', event => {
      expectTypeOf(event.deadline).toEqualTypeOf<Instant>()
    })
  })

  it('calls a listener until it goes, however often it says so', () => {
    const { bus } = createBus()
    let calls = 0
    const off = bus.on('smacks-ack-delayed', () => {
      calls += 1
    })
    bus.publish(delayed)
    off()
    off()
    bus.publish(delayed)
    expect(calls).toBe(1)
  })

  it('calls a listener twice that was added twice, and once when one of them goes', () => {
    const { bus } = createBus()
    let calls = 0
    const listener = () => {
      calls += 1
    }
    bus.on('smacks-ack-delayed', listener)
    const off = bus.on('smacks-ack-delayed', listener)
    bus.publish(delayed)
    off()
    bus.publish(delayed)
    expect(calls).toBe(3)
  })

  it('hands an event to those who listened when it was published, though some go or come meanwhile', () => {
    const { bus } = createBus()
    const heard: Array<string> = []
    const offs = ['first', 'second'].map(name =>
      bus.on('smacks-ack-delayed', () => {
        heard.push(name)
        for (const off of offs) off()
        bus.on('smacks-ack-delayed', () => void heard.push('newcomer'))
      }),
    )
    bus.publish(delayed)
    expect(heard).toEqual(['first', 'second'])
  })

  it('reports what listeners throw or reject with, and with which event', async () => {
    const { bus, errors } = createBus()
    bus.on('smacks-ack-delayed', () => {
      throw new Error('thrown')
    })
    bus.on('smacks-ack-delayed', async () => {
      throw new Error('rejected')
    })
    bus.publish(delayed)
    await Promise.resolve()
    await Promise.resolve()
    expect(errors).toEqual([
      [new Error('thrown'), 'smacks-ack-delayed'],
      [new Error('rejected'), 'smacks-ack-delayed'],
    ])
  })

  it('does not throw when even the report fails', () => {
    const bus = createEventBus<string>({
      onListenerError: () => {
        throw new Error('the log is full')
      },
    })
    bus.on('smacks-ack-delayed', () => {
      throw new Error('thrown')
    })
    expect(() => bus.publish(delayed)).not.toThrow()
  })
})
