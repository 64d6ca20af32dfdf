/** The namespaces that the codec itself must know. */

/** Of stanzas between client and server (RFC 6120 §4.8.3). */
export const clientNamespace = 'jabber:client'
/** Of stanzas between servers (RFC 6120 §4.8.3). */
export const serverNamespace = 'jabber:server'
/** Of the stream itself (RFC 6120 §4.8.1). */
export const streamNamespace = 'http://etherx.jabber.org/streams'
/** Of server dialback (XEP-0220). */
export const dialbackNamespace = 'jabber:server:dialback'
/** Of stanza error conditions (RFC 6120 §8.3). */
export const stanzaErrorNamespace = 'urn:ietf:params:xml:ns:xmpp-stanzas'
/** Of stream error conditions (RFC 6120 §4.9.2). */
export const streamErrorNamespace = 'urn:ietf:params:xml:ns:xmpp-streams'
/** Delayed delivery (XEP-0203). */
export const delayNamespace = 'urn:xmpp:delay'
/** Unique stanza ids (XEP-0359). */
export const stanzaIdNamespace = 'urn:xmpp:sid:0'
/** Message carbons (XEP-0280). */
export const carbonsNamespace = 'urn:xmpp:carbons:2'
/** Message archive (XEP-0313). */
export const archiveNamespace = 'urn:xmpp:mam:2'
/** Requests to enter a room (XEP-0045). */
export const mucNamespace = 'http://jabber.org/protocol/muc'
/** What a room says of its occupants (XEP-0045). */
export const mucUserNamespace = 'http://jabber.org/protocol/muc#user'
/** Forwarded stanzas (XEP-0297). */
export const forwardNamespace = 'urn:xmpp:forward:0'
