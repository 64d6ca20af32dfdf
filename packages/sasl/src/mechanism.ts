/** What a SASL mechanism (RFC 4422) is given, and what it answers. */
import type { ChannelBindingType } from '@smacks/stream'

/** What a mechanism may know of the stream. */
export interface SaslContext {
  /** The domain of the stream: usernames are localparts of it. */
  readonly domain: string
  readonly secure: boolean
  /** The channel binding data of the connection, where TLS gives it. */
  readonly channelBinding: (type: ChannelBindingType) => Uint8Array | undefined
  /** The mechanisms that were advertised, for the downgrade check of SCRAM (RFC 5802 §6). */
  readonly advertised: ReadonlyArray<string>
  /** How long whoever is at the other end has to wait until it may try this account, in milliseconds; 0: not at all. */
  readonly waitFor: (account: string) => number
  /** What came of an attempt, told in the turn in which there was nothing to wait for. */
  readonly tried: (account: string, outcome: 'right' | 'wrong') => void
  /** False once nobody waits for the answer any more. */
  readonly isWanted: () => boolean
}

/** What only an exchange has to know, and not the list of what is offered. */
export type OfferContext = Pick<SaslContext, 'channelBinding' | 'domain' | 'secure'>

/** SASL failure conditions (RFC 6120 §6.5). */
export type SaslCondition =
  | 'aborted'
  | 'account-disabled'
  | 'encryption-required'
  | 'incorrect-encoding'
  | 'invalid-authzid'
  | 'invalid-mechanism'
  | 'malformed-request'
  | 'mechanism-too-weak'
  | 'not-authorized'
  | 'temporary-auth-failure'

export type SaslStep =
  | { readonly _tag: 'Challenge'; readonly data: Uint8Array }
  /** `username` is the localpart; `data` is the additional data with success, if any. */
  | { readonly _tag: 'Success'; readonly username: string; readonly data?: Uint8Array }
  | SaslStepFailure

export interface SaslStepFailure {
  readonly _tag: 'Failure'
  readonly condition: SaslCondition
  readonly text?: string
  /** Whose login failed, as a bare JID, as far as it was said; whether there is such an account is not. */
  readonly account?: string
}

/** One run of a mechanism. In all of ours the client speaks first; asking for what it did not send along is the framing's. */
export interface SaslExchange {
  /**
   * Takes the next message of the client; not while the answer to the last one is awaited. Neither throws nor rejects;
   * after `Success` or `Failure` the exchange is over.
   */
  readonly next: (message: Uint8Array) => SaslStep | Promise<SaslStep>
}

export interface Sasl {
  /** The mechanisms to advertise on such a stream, strongest first; none where passwords would travel in the clear. */
  readonly mechanisms: (context: OfferContext) => ReadonlyArray<string>
  /** The channel binding types to advertise (XEP-0440), none if no `-PLUS` mechanism is offered. */
  readonly channelBindings: (context: OfferContext) => ReadonlyArray<ChannelBindingType>
  /** Starts a mechanism; nothing if it was not advertised. */
  readonly start: (mechanism: string, context: SaslContext) => SaslExchange | undefined
}
