/** Performs visible effects on the ports. */
import type { Event, Instant, TimerName } from '@smacks/core'
import type { AccountId } from './account-id.js'
import type { Clock, EventBus, Timers, Transport } from './ports.js'
import { SessionTimers } from './session-timers.js'
import type { Visible } from './turn.js'

export interface VisiblePorts<A> {
  readonly transport: Transport<A>
  readonly timers: Timers
  readonly bus: EventBus<A>
  readonly clock: Clock
}

/** Performs one effect. What it leads to comes back through `dispatch`. */
export const perform = <A>(
  { transport, timers, bus, clock }: VisiblePorts<A>,
  dispatch: (account: AccountId, event: Event<A>) => void,
): ((visible: Visible<A>) => void) => {
  const ofSessions = new SessionTimers(timers, (account, resource, timer: TimerName, due: Instant) =>
    dispatch(account, { _tag: 'TimerFired', at: clock.now(), resource, timer, due }),
  )
  return visible => {
    const { account, effect } = visible
    switch (effect._tag) {
      case 'SendStanza':
        return transport.sendStanza(effect.connection, effect.stanza, effect.facts, effect.delayedSince)
      case 'SendNonza':
        return 'answer' in visible ? visible.answer(effect.nonza) : transport.sendNonza(effect.connection, effect.nonza)
      case 'AdoptConnection':
        return transport.adopt(effect.connection, account, effect.resource)
      case 'AwaitDrain':
        return transport.awaitDrain(effect.connection)
      case 'CloseConnection':
        return transport.close(effect.connection, effect.error)
      case 'DropConnection':
        return transport.drop(effect.connection)
      case 'ArmTimer':
        return 'due' in visible
          ? ofSessions.arm(account, effect.resource, effect.timer, effect.due, visible.due)
          : undefined
      case 'DisarmTimer':
        return ofSessions.disarm(account, effect.resource, effect.timer)
      case 'Notify':
        return bus.publish({ account, resource: effect.resource, at: clock.now(), ...effect.notice })
    }
  }
}
