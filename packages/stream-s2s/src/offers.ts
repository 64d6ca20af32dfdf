/** What the features of a stream offer to a server (RFC 6120 §4.3.2, XEP-0178, XEP-0198 §2, XEP-0220 §2). */
import type { Element } from '@smacks/codec'
import type { SmVersion } from '@smacks/core'
import { ns } from '@smacks/stream'

export interface Offers {
  /** SASL EXTERNAL: our certificate will be looked at. */
  readonly external: boolean
  readonly dialback: boolean
  /** The newest version of stream management. */
  readonly streamManagement: SmVersion | undefined
}

export const offersOf = (features: Element): Offers => ({
  external: mechanisms(features).includes('EXTERNAL'),
  dialback: features.getChild('dialback', 'urn:xmpp:features:dialback') !== undefined,
  streamManagement: versions.find(version => features.getChild('sm', version) !== undefined),
})

const versions: ReadonlyArray<SmVersion> = ['urn:xmpp:sm:3', 'urn:xmpp:sm:2']

const mechanisms = (features: Element): ReadonlyArray<string> =>
  features
    .getChild('mechanisms', ns.sasl)
    ?.getChildren('mechanism')
    .map(mechanism => mechanism.getText().trim()) ?? []
