/** What a client stream is to do next, as plain data: `ClientStream` does it, one step after the other. */
import type { Element, Stanza } from '@smacks/codec'
import type { EnableReceived, Event, ResumeReceived, SessionBound } from '@smacks/core'
import type { AccountId } from '@smacks/runtime'
import type { SaslCondition, SaslFraming, SaslRequest } from '@smacks/sasl'
import type { Refuse, Reply, StreamStep } from '@smacks/stream'

/** Give this to SASL, and answer as it says. */
export interface Authenticate {
  readonly _tag: 'Authenticate'
  readonly framing: SaslFraming
  readonly request: SaslRequest
  /** The element that it came in: that of SASL2 may ask for more. */
  readonly element: Element
}

/** Fail the authentication, whatever SASL would say. */
export interface FailAuthentication {
  readonly _tag: 'FailAuthentication'
  readonly framing: SaslFraming
  readonly condition: SaslCondition
  readonly text: string
}

/** The client is who it says: from here on it may bind or resume. */
export interface Advance {
  readonly _tag: 'Advance'
  readonly account: AccountId
}

/** Answer with the `<success/>` of SASL2, and do what its `<authenticate/>` asked for besides (XEP-0388 §2.6). */
export interface Succeed {
  readonly _tag: 'Succeed'
  readonly account: AccountId
  /** The additional data with success, in base64. */
  readonly data: string | undefined
  readonly authenticate: Element
}

/** Ask the account to resume a session; the answer leaves in the place of this step, and the connection is the session's. */
export interface Resume {
  readonly _tag: 'Resume'
  readonly question: ResumeReceived
}

/** Begin a session on the connection. */
export interface Bind {
  readonly _tag: 'Bind'
  readonly event: SessionBound
}

/** Tell the account. */
export interface Dispatch {
  readonly _tag: 'Dispatch'
  readonly event: Event<Stanza>
}

/** Before anybody has authenticated. */
export type UnauthenticatedStep = Advance | Authenticate | FailAuthentication | StreamStep | Succeed

/** Before there is a session. */
export type AuthenticatedStep = Bind | Refuse | Reply | Resume

/** Once there is one. */
export type BoundStep = Dispatch | Refuse | Reply

/** What is done between `<authenticate/>` and its `<success/>`. */
export type InlineStep =
  | Bind
  | Dispatch
  | Resume
  /** Put this into `<success/>`. */
  | { readonly _tag: 'Put'; readonly xml: string }
  /** Ask for stream management; the answer goes into `<bound/>` in `<success/>`. */
  | { readonly _tag: 'Enable'; readonly question: EnableReceived }
