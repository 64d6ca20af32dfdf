/** What of a client stream, and of the account behind it, decides what an element on it means. */
import type { Resource } from '@smacks/core'
import type { AccountId } from '@smacks/runtime'
import type { SaslFraming } from '@smacks/sasl'
import type { Origin, ReceivingSide, StreamSession } from '@smacks/stream'

/** Nobody has authenticated yet. */
export interface UnauthenticatedStream {
  /** TLS is on. */
  readonly isSecure: boolean
  /** Passwords may travel here: TLS is on, or nobody can listen. */
  readonly isPrivate: boolean
  /** The elements that carry the exchange of SASL under way, if there is one. */
  readonly exchange: SaslFraming | undefined
}

/** Somebody has, and has no session yet. */
export interface AuthenticatedStream {
  readonly account: AccountId
  /** The resources of the account's sessions. */
  readonly resources: ReadonlyArray<string>
  /** How many sessions the account may have. */
  readonly resourcesPerUser: number
  readonly side: ReceivingSide
  /** What an event of this connection and of that resource says. */
  readonly origin: (resource: Resource) => Origin
}

/** The session of a client stream. */
export interface ClientSession extends StreamSession {
  readonly fullJid: string
}
