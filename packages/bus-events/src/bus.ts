/** Listeners in the same process, called in the order they came. */
import type { EventBus } from '@smacks/runtime'
import { type AnyEvent, eventName, type SmacksEventName, type SmacksEvents } from './events.js'

/** Takes an event. What it throws, or rejects with, is reported and harms nobody else. */
export type Listener<E> = (event: E) => void | Promise<void>

export interface EventBusOptions<A> {
  /** Told what a listener threw or rejected with. */
  readonly onListenerError: (error: unknown, name: SmacksEventName, event: AnyEvent<A>) => void
}

/** A bus with listeners. */
export interface ListenableBus<A> extends EventBus<A> {
  readonly publish: (event: AnyEvent<A>) => void
  /**
   * Calls the listener for each event of this name from the next `publish` on, until the function it returns is
   * called. The same listener may be added twice; it is then called twice.
   */
  readonly on: <Name extends SmacksEventName>(name: Name, listener: Listener<SmacksEvents<A>[Name]>) => () => void
}

interface Subscription<A> {
  readonly name: SmacksEventName
  readonly listener: Listener<AnyEvent<A>>
}

/** A bus nobody listens to yet. */
export const createEventBus = <A>({ onListenerError }: EventBusOptions<A>): ListenableBus<A> => {
  /** Replaced, never changed, so that a listener may come or go while an event is handed out. */
  let subscriptions: ReadonlyArray<Subscription<A>> = []

  const report = (error: unknown, name: SmacksEventName, event: AnyEvent<A>): void => {
    try {
      onListenerError(error, name, event)
    } catch {
      // The bus never throws, and there is nobody left to tell.
    }
  }
  const hand = ({ name, listener }: Subscription<A>, event: AnyEvent<A>): void => {
    try {
      const done = listener(event)
      if (done instanceof Promise) done.catch((error: unknown) => report(error, name, event))
    } catch (error) {
      report(error, name, event)
    }
  }

  return {
    publish: event => {
      const name = eventName(event._tag)
      for (const subscription of subscriptions) if (subscription.name === name) hand(subscription, event)
    },
    on: (name, listener) => {
      // The name decides the type of the event, so a listener is only called with what it can take.
      const subscription: Subscription<A> = { name, listener: listener as Listener<AnyEvent<A>> }
      subscriptions = [...subscriptions, subscription]
      return () => {
        subscriptions = subscriptions.filter(other => other !== subscription)
      }
    },
  }
}
