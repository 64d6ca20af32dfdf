/** What is submitted, with its size: it belongs to the event, so that what is journalled is decided in the same way again. */
import type { Event } from '@smacks/core'

/** Tells the size of each stanza that is submitted, unless that is told already. */
export const sizing =
  <A>(sizeOf: (stanza: A) => number): ((event: Event<A>) => Event<A>) =>
  event => {
    switch (event._tag) {
      case 'StanzaSubmitted':
        return event.size === undefined ? { ...event, size: sizeOf(event.stanza) } : event
      case 'MessageSubmitted':
        return {
          ...event,
          recipients: event.recipients.map(one =>
            one.size === undefined ? { ...one, size: sizeOf(one.stanza) } : one,
          ),
        }
      default:
        return event
    }
  }
