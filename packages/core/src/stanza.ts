/**
 * What the core knows of a stanza. The payload itself is opaque (`A`): these facts are all that a decision
 * of stream management can depend on, and whoever makes the payload states them.
 */

/** The three elements that stream management counts (XEP-0198 §1). */
export type StanzaName = 'message' | 'presence' | 'iq'

/** Facts about one stanza, stated once by whoever submits it. */
export interface StanzaFacts {
  readonly name: StanzaName
  /** The `type` attribute, or what its absence means: `normal` for a message, `available` for a presence. */
  readonly type: string
  readonly id?: string
  readonly from?: string
  readonly to?: string
  /** It already carries a `<delay/>` (XEP-0203), so it gets no second one. */
  readonly delayed?: true
  /** A carbon copy (XEP-0280) or an archive result (XEP-0313): the original has a life of its own elsewhere. */
  readonly copy?: true
  /** It was routed again once, since the link it went over died (`s2sResend`): if that happens again it is returned. */
  readonly again?: true
  /** It says nothing that matters later, such as a chat state (XEP-0085): if nobody takes it, it is given up in silence. */
  readonly transient?: true
  /** Its sender expects no error, as with a receipt (XEP-0184) or a marker (XEP-0333): it is stored, but not returned. */
  readonly neverReturned?: true
  /**
   * A presence that says all of what its sender is to its recipient now, and nothing that happened: a later one of the same
   * `from` and `to` makes it pointless to send it at all (RFC 6121 §4). It says nothing without both.
   */
  readonly state?: true
  /** The recipient's own archive holds it (a `<stanza-id/>` by the recipient's bare JID, XEP-0359). */
  readonly archived?: true
}
