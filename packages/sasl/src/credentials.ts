/** What authentication knows of a password: SCRAM keys only (RFC 5802 §3). */

export type ScramHash = 'SHA-1' | 'SHA-256'

/** What SCRAM needs of a password, for one hash. */
export interface ScramKeys {
  readonly salt: Uint8Array
  readonly iterations: number
  readonly storedKey: Uint8Array
  readonly serverKey: Uint8Array
}

/** What authentication reads. */
export interface ScramCredentials {
  /** Nothing if there is no such account. */
  readonly keys: (jid: string, hash: ScramHash) => ScramKeys | undefined
  /**
   * Keys that no password matches, the same at each call, for the exchange with a user who does not exist: seen
   * from outside it is like one that does (RFC 5802 §9).
   */
  readonly decoyKeys: (jid: string, hash: ScramHash) => ScramKeys
}
