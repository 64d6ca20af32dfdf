/** The unit of all decisions. */

/** The bare JID that names an account. */
export type AccountId = string
