/** Stream features (RFC 6120 §4.3.2): what the client may do next. */
import { escapeText } from '@smacks/codec'
import { ns } from '@smacks/stream'
import type { ClientStream } from './client-stream.js'

export const features = (stream: ClientStream): string => stream.connection.framing.features(inside(stream))

const inside = (stream: ClientStream): string => {
  switch (stream.phase._tag) {
    case 'Unauthenticated':
    case 'Over':
      return forUnauthenticated(stream)
    case 'Authenticated':
      return forAuthenticated
    case 'Bound':
      return stream.isManaged() ? always : streamManagement + always
  }
}

const streamManagement = "<sm xmlns='urn:xmpp:sm:3'/><sm xmlns='urn:xmpp:sm:2'/>"

/** Client state indication, and of rosters: versions (RFC 6121 §2.6.1) and approval beforehand (§3.4). */
const always =
  "<csi xmlns='urn:xmpp:csi:0'/><ver xmlns='urn:xmpp:features:rosterver'/>" +
  "<sub xmlns='urn:xmpp:features:pre-approval'/>"

const forAuthenticated =
  "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><required/></bind>" +
  "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session>" +
  streamManagement +
  always

const forUnauthenticated = (stream: ClientStream): string => {
  const { connection } = stream
  const required = stream.isPrivate() ? '' : '<required/>'
  const startTls = connection.secure() ? '' : `<starttls xmlns='${ns.tls}'>${required}</starttls>`
  return stream.isPrivate() ? startTls + authentication(stream) : startTls
}

/** Nothing if there is no mechanism: neither feature may be empty (RFC 6120 §6.4.1, XEP-0388 §2.1). */
const authentication = (stream: ClientStream): string => {
  const names = stream.sasl.mechanisms()
  if (names.length === 0) return ''
  const mechanisms = names.map(name => `<mechanism>${escapeText(name)}</mechanism>`).join('')
  // SASL2 is for encrypted streams only (XEP-0388 §5).
  const sasl2 = stream.connection.secure()
    ? `<authentication xmlns='${ns.sasl2}'>${mechanisms}<inline>${inline}</inline></authentication>`
    : ''
  return `<mechanisms xmlns='${ns.sasl}'>${mechanisms}</mechanisms>${sasl2}${channelBindings(stream)}`
}

const inline =
  `<sm xmlns='urn:xmpp:sm:3'/><bind xmlns='${ns.bind2}'><inline>` +
  `<feature var='${ns.csi}'/><feature var='urn:xmpp:sm:3'/></inline></bind>`

/** Which channel bindings will be understood (XEP-0440). */
const channelBindings = (stream: ClientStream): string => {
  const types = stream.sasl.channelBindings()
  if (types.length === 0) return ''
  const bindings = types.map(type => `<channel-binding type='${type}'/>`).join('')
  return `<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'>${bindings}</sasl-channel-binding>`
}
