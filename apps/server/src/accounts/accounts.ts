/** Who may log in. Passwords are kept as SCRAM keys only (RFC 5802 §3). */

export type ScramHash = 'SHA-1' | 'SHA-256'

/** What SCRAM needs of a password, for one hash. */
export interface ScramKeys {
  readonly salt: Uint8Array
  readonly iterations: number
  readonly storedKey: Uint8Array
  readonly serverKey: Uint8Array
}

export interface Accounts {
  readonly exists: (jid: string) => boolean
  readonly keys: (jid: string, hash: ScramHash) => ScramKeys | undefined
  /** Adds the account; false if it is there already. */
  readonly add: (jid: string, password: string) => Promise<boolean>
  /** Changes the password; false if there is no such account. */
  readonly changePassword: (jid: string, password: string) => Promise<boolean>
  /** Removes the account and all that is stored for it; false if there is no such account. */
  readonly remove: (jid: string) => Promise<boolean>
  /** The bare JIDs, in order, of one domain or of all. */
  readonly list: (domain?: string) => ReadonlyArray<string>
}
