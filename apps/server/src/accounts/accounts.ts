/** Who may log in. Passwords are kept as SCRAM keys only (RFC 5802 §3). */
import type { ScramCredentials, ScramHash, ScramKeys } from '@smacks/sasl'

/** All methods normalise the JIDs they are given (RFC 7622), so `Romeo@example.org` is `romeo@example.org`. */
export interface Accounts {
  readonly exists: (jid: string) => boolean
  readonly keys: (jid: string, hash: ScramHash) => ScramKeys | undefined
  /** Adds the account; false if it is there already. Rejects with a `CredentialsError` if JID or password cannot be used. */
  readonly add: (jid: string, password: string) => Promise<boolean>
  /** Changes the password; false if there is no such account. Rejects with a `CredentialsError` if the password cannot be used. */
  readonly changePassword: (jid: string, password: string) => Promise<boolean>
  /** Removes the account and all that is stored for it; false if there is no such account. */
  readonly remove: (jid: string) => Promise<boolean>
  /** The bare JIDs, in order, of one domain or of all. */
  readonly list: (domain?: string) => ReadonlyArray<string>
}

/** A JID and the password it shall have. */
export interface Credentials {
  readonly jid: string
  readonly password: string
}

/** The accounts, with what only the server and its import do. */
export interface AccountStore extends Accounts, ScramCredentials {
  /**
   * Adds these accounts, or changes the passwords of those that exist, in one transaction. Answers in order.
   * Rejects with a `CredentialsError`, and changes nothing, if one of them cannot be used.
   */
  readonly put: (accounts: ReadonlyArray<Credentials>) => Promise<ReadonlyArray<'added' | 'updated'>>
}
