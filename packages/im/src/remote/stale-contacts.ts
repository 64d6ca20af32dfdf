/** What contacts at other servers may not know of an account. */

/** What one contact's server may not know of one account. */
export interface Stale {
  /** A bare JID; a full one if it got directed presence and is nobody's contact. */
  readonly contact: string
  /** Resources that the contact may see otherwise than they are; the empty one is the account as such. None: no presence was lost. */
  readonly resources: ReadonlyArray<string>
  /** A `subscribe` or `unsubscribe` was lost (RFC 6121 §§3.1, 3.3). */
  readonly to?: true
  /** Which answer was lost last (RFC 6121 §§3.1, 3.2). */
  readonly from?: 'subscribed' | 'unsubscribed'
  /** The contact's presence is to be asked for (RFC 6121 §4.3). */
  readonly probe?: true
}

/** What is added to what is known already. */
export interface StaleChange extends Partial<Omit<Stale, 'contact' | 'resources'>> {
  /** A resource whose presence did not leave. */
  readonly unsent?: string
  /** A resource whose presence left, and may not have arrived. */
  readonly lost?: string
}

/** Those of one account. */
export interface StaleContacts {
  readonly byContact: ReadonlyMap<string, Stale>
  /** UTF-8 bytes of all of them. */
  readonly bytes: number
}

export const noStaleContacts: StaleContacts = { byContact: new Map(), bytes: 0 }
