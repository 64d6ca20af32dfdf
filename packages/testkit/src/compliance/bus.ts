/** What every event bus must do. */
import type { StanzaFacts } from '@smacks/core'
import type { BusEvent, EventBus } from '@smacks/runtime'
import { type Ending, onBench, type TestRunner } from './runner.js'

export interface BusBench<A> extends Ending {
  readonly bus: EventBus<A>
  /** What a listener of all names was given up to now, in order; a bus that needs time for it waits here. */
  readonly heard: () => Promise<ReadonlyArray<BusEvent<A>>> | ReadonlyArray<BusEvent<A>>
  /** Adds a listener of all names that fails at each event, in front of those that come later. */
  readonly addFailingListener: () => void
}

export interface BusCompliance<A> extends TestRunner {
  readonly create: () => BusBench<A> | Promise<BusBench<A>>
  readonly stanza: (text: string) => A
}

const facts: StanzaFacts = {
  name: 'message',
  type: 'chat',
  id: 'm1',
  from: 'juliet@example.org',
  to: 'romeo@example.net',
}

export const busCompliance = <A>(options: BusCompliance<A>): void => {
  const { describe, expect } = options
  const it = onBench(options, options.create)
  const events = everyKind(options.stanza)

  describe('the port EventBus', () => {
    for (const event of events)
      it(`hands out ${event._tag} as it was published`, async ({ bus, heard }) => {
        bus.publish(event)
        expect(await heard()).toEqual([event])
      })

    it('keeps the order', async ({ bus, heard }) => {
      const published = [...events, ...events].reverse()
      for (const event of published) bus.publish(event)
      expect(await heard()).toEqual(published)
    })

    it('takes events that nobody has heard yet', async ({ bus, heard }) => {
      expect(await heard()).toEqual([])
      for (const event of events) bus.publish(event)
      expect((await heard()).length).toEqual(events.length)
    })

    it('does not throw when a listener fails, and serves the others', async ({ bus, heard, addFailingListener }) => {
      addFailingListener()
      for (const event of events) bus.publish(event)
      expect(await heard()).toEqual(events)
    })
  })
}

const everyKind = <A>(stanza: (text: string) => A): ReadonlyArray<BusEvent<A>> => {
  const session = { account: 'romeo@example.net', resource: 'orchard' }
  const unacked = [{ stanza: stanza('unacked'), facts, at: 1000 }]
  return [
    { ...session, at: 2000, _tag: 'AckDelayed', unacked },
    { ...session, at: 3000, _tag: 'HibernationStarted', unacked, deadline: 603_000 },
    { ...session, at: 4000, _tag: 'HibernationStanzaQueued', stanza: stanza('queued'), facts, queueLength: 2 },
    { ...session, at: 5000, _tag: 'HibernationEnded', outcome: 'resumed', hibernatedSince: 3000 },
    { ...session, at: 6000, _tag: 'HibernationEnded', outcome: 'expired', hibernatedSince: 3000 },
  ]
}
