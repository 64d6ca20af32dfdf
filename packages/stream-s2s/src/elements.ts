/** What servers send each other before a stream carries stanzas: headers, features, TLS (RFC 6120 §§4, 5). */
import { ns, type OwnHeader } from '@smacks/stream'

/** The addresses of a stream. */
export interface ServerHeader {
  readonly from: string
  /** Absent in the answer to a header that names nobody. */
  readonly to?: string | undefined
  /** Of the answering side only. */
  readonly id?: string | undefined
}

/** A stream header between servers. It says that dialback is known here (XEP-0220 §2.4.1). */
export const serverHeader = (addresses: ServerHeader): OwnHeader => ({
  content: 'jabber:server',
  dialback: true,
  ...addresses,
})

/** What a stream offers to the server that opened it. */
export interface ServerFeatures {
  /** Absent: TLS is there already, or cannot be had. */
  readonly startTls?: 'optional' | 'required' | undefined
  /** SASL EXTERNAL: the peer's certificate is good for the domain that its header is from (XEP-0178 §3). */
  readonly external?: boolean
  /** Dialback, with answers of the type `error` (XEP-0220 §2.4.2). */
  readonly dialback?: boolean
  /** Both versions of stream management (XEP-0198 §2). */
  readonly streamManagement?: boolean
}

/** What is inside the features of a stream; empty ones end the negotiation (RFC 6120 §4.3.2). */
export const serverFeatures = ({ startTls, external, dialback, streamManagement }: ServerFeatures): string =>
  [
    startTls === undefined ? '' : startTls === 'required' ? startTlsRequired : startTlsElement,
    external === true ? externalMechanism : '',
    dialback === true ? dialbackFeature : '',
    streamManagement === true ? streamManagementFeatures : '',
  ].join('')

const startTlsElement = `<starttls xmlns='${ns.tls}'/>`
const startTlsRequired = `<starttls xmlns='${ns.tls}'><required/></starttls>`
const externalMechanism = `<mechanisms xmlns='${ns.sasl}'><mechanism>EXTERNAL</mechanism></mechanisms>`
const dialbackFeature = "<dialback xmlns='urn:xmpp:features:dialback'><errors/></dialback>"
const streamManagementFeatures = "<sm xmlns='urn:xmpp:sm:3'/><sm xmlns='urn:xmpp:sm:2'/>"

/** Asks for TLS (RFC 6120 §5.4.2.1). */
export const startTls = startTlsElement
