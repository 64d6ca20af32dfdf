/** Namespaces of the negotiation. */
export const ns = {
  bind: 'urn:ietf:params:xml:ns:xmpp-bind',
  bind2: 'urn:xmpp:bind:0',
  client: 'jabber:client',
  csi: 'urn:xmpp:csi:0',
  dialback: 'jabber:server:dialback',
  sasl: 'urn:ietf:params:xml:ns:xmpp-sasl',
  sasl2: 'urn:xmpp:sasl:2',
  streamErrors: 'urn:ietf:params:xml:ns:xmpp-streams',
  streams: 'http://etherx.jabber.org/streams',
  tls: 'urn:ietf:params:xml:ns:xmpp-tls',
} as const
