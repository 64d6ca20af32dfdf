/** Stream features (RFC 6120 §4.3.2): what the client may do next. */
import { escapeText } from '@smacks/codec'
import { type ChannelBindingType, ns } from '@smacks/stream'

/** How far the stream has come. */
export type FeatureStage =
  | {
      readonly _tag: 'Unauthenticated'
      /** TLS is on. */
      readonly isSecure: boolean
      /** What SASL offers; nothing where TLS has to come first. */
      readonly sasl: SaslOffer | undefined
    }
  | { readonly _tag: 'Authenticated' }
  /** `isManaged`: stream management is on, so it is not offered again. */
  | { readonly _tag: 'Bound'; readonly isManaged: boolean }

export interface SaslOffer {
  readonly mechanisms: ReadonlyArray<string>
  /** Which channel bindings will be understood (XEP-0440). */
  readonly channelBindings: ReadonlyArray<ChannelBindingType>
}

/** What is inside the features of the stream. */
export const featuresAt = (stage: FeatureStage): string => {
  switch (stage._tag) {
    case 'Unauthenticated':
      return startTls(stage.isSecure, stage.sasl === undefined) + authentication(stage.isSecure, stage.sasl)
    case 'Authenticated':
      return authenticated
    case 'Bound':
      return stage.isManaged ? always : streamManagement + always
  }
}

const streamManagement = "<sm xmlns='urn:xmpp:sm:3'/><sm xmlns='urn:xmpp:sm:2'/>"

/** Client state indication, and of rosters: versions (RFC 6121 §2.6.1) and approval beforehand (§3.4). */
const always =
  "<csi xmlns='urn:xmpp:csi:0'/><ver xmlns='urn:xmpp:features:rosterver'/>" +
  "<sub xmlns='urn:xmpp:features:pre-approval'/>"

const authenticated =
  "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><required/></bind>" +
  "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session>" +
  streamManagement +
  always

const startTls = (isSecure: boolean, isRequired: boolean): string =>
  isSecure ? '' : `<starttls xmlns='${ns.tls}'>${isRequired ? '<required/>' : ''}</starttls>`

/** Nothing if there is no mechanism: neither feature may be empty (RFC 6120 §6.4.1, XEP-0388 §2.1). */
const authentication = (isSecure: boolean, sasl: SaslOffer | undefined): string => {
  if (sasl === undefined || sasl.mechanisms.length === 0) return ''
  const mechanisms = sasl.mechanisms.map(name => `<mechanism>${escapeText(name)}</mechanism>`).join('')
  // SASL2 is for encrypted streams only (XEP-0388 §5).
  const sasl2 = isSecure
    ? `<authentication xmlns='${ns.sasl2}'>${mechanisms}<inline>${inline}</inline></authentication>`
    : ''
  return `<mechanisms xmlns='${ns.sasl}'>${mechanisms}</mechanisms>${sasl2}${channelBindings(sasl)}`
}

const inline =
  `<sm xmlns='urn:xmpp:sm:3'/><bind xmlns='${ns.bind2}'><inline>` +
  `<feature var='${ns.csi}'/><feature var='urn:xmpp:sm:3'/></inline></bind>`

const channelBindings = ({ channelBindings: types }: SaslOffer): string => {
  if (types.length === 0) return ''
  const bindings = types.map(type => `<channel-binding type='${type}'/>`).join('')
  return `<sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'>${bindings}</sasl-channel-binding>`
}
