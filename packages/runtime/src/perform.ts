/** Performs visible effects on the ports. */
import type { Event } from '@smacks/core'
import type { AccountId } from './account-id.js'
import { type Clock, type EventBus, type Timers, type Transport, timerKey } from './ports.js'
import type { Visible } from './turn.js'

export interface VisiblePorts<A> {
  readonly transport: Transport<A>
  readonly timers: Timers
  readonly bus: EventBus<A>
  readonly clock: Clock
}

/** Performs one effect. What it leads to comes back through `dispatch`. */
export const perform =
  <A>(ports: VisiblePorts<A>, dispatch: (account: AccountId, event: Event<A>) => void) =>
  (visible: Visible<A>): void => {
    const { transport, timers, bus, clock } = ports
    const { account, effect } = visible
    if ('due' in visible) {
      const { resource, timer, due } = visible.effect
      return timers.arm(timerKey(account, resource, timer), visible.due, () =>
        dispatch(account, { _tag: 'TimerFired', at: clock.now(), resource, timer, due }),
      )
    }
    if ('answer' in visible) return visible.answer(visible.effect.nonza)
    switch (effect._tag) {
      case 'SendStanza':
        return transport.sendStanza(effect.connection, effect.stanza, effect.facts, effect.delayedSince)
      case 'SendNonza':
        return transport.sendNonza(effect.connection, effect.nonza)
      case 'AdoptConnection':
        return transport.adopt(effect.connection, account, effect.resource)
      case 'AwaitDrain':
        return transport.awaitDrain(effect.connection)
      case 'CloseConnection':
        return transport.close(effect.connection, effect.error)
      case 'DropConnection':
        return transport.drop(effect.connection)
      case 'DisarmTimer':
        return timers.disarm(timerKey(account, effect.resource, effect.timer))
      case 'Notify':
        return bus.publish({ account, resource: effect.resource, at: clock.now(), ...effect.notice })
    }
  }
