/** What is submitted, with its size: it belongs to the event, so that what is journalled is decided in the same way again. */
import type { Event } from '@smacks/core'

/** Tells the size of each stanza that is submitted, unless that is told already. */
export const sizing =
  <A>(sizeOf: (stanza: A) => number): ((event: Event<A>) => Event<A>) =>
  event => {
    switch (event._tag) {
      case 'StanzaSubmitted': {
        if (event.size !== undefined) return event
        // Written out, since it is done for each stanza: a spread takes three times as long.
        const { _tag, at, resource, stanza, facts } = event
        return { _tag, at, resource, stanza, facts, size: sizeOf(stanza) }
      }
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
