/** What costs more than its size tells, counted as so many bytes of the connection's rate. */
import type { Element } from '@smacks/codec'

/** Of queries of the roster (RFC 6121 §2.1.1). */
const rosterNamespace = 'jabber:iq:roster'

/** Presence that goes to all contacts; a roster that is read, written and sent. */
const broadcastCharge = 2000
const rosterCharge = 4000

export const chargeOf = (element: Element): number => {
  const { name, attrs } = element
  if (name === 'presence') return attrs.to === undefined ? broadcastCharge : 0
  if (name !== 'iq' || (attrs.type !== 'get' && attrs.type !== 'set')) return 0
  return element.getChild('query', rosterNamespace) === undefined ? 0 : rosterCharge
}
