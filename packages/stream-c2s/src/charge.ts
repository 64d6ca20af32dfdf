/** What costs more than its size tells, counted as so many bytes of the connection's rate. */
import { childOf, type StanzaOutline } from '@smacks/codec'

/** Of queries of the roster (RFC 6121 §2.1.1). */
const rosterNamespace = 'jabber:iq:roster'

/** Presence that goes to all contacts; a roster that is read, written and sent. */
const broadcastCharge = 2000
const rosterCharge = 4000

export const chargeOf = (stanza: StanzaOutline): number => {
  const { name, to, type } = stanza
  if (name === 'presence') return to === undefined ? broadcastCharge : 0
  if (name !== 'iq' || (type !== 'get' && type !== 'set')) return 0
  return childOf(stanza, 'query', rosterNamespace) === undefined ? 0 : rosterCharge
}
