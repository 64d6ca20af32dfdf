/** Who a client is to the server. The ledger knows clients by name; several of them may be devices of one account. */

export interface Identity {
  /** The account's local part. */
  readonly user: string
  readonly domain: string
  readonly resource: string
  /** Of its presence; a companion takes only what is for its full JID. */
  readonly priority: number
}

/** The domain that is always served. */
export const mainDomain = 'localhost'

/** A domain that is served now and then. */
export const otherDomain = 'second.localhost'

/** The name of a second device of an account. */
export const companionOf = (name: string): string => `${name}+`

/** `user3`, its companion `user3+`, and `other3` of the other domain. */
export const identityOf = (name: string): Identity => {
  const isCompanion = name.endsWith('+')
  return {
    user: isCompanion ? name.slice(0, -1) : name,
    domain: name.startsWith('other') ? otherDomain : mainDomain,
    resource: isCompanion ? 'companion' : 'chaos',
    priority: isCompanion ? -1 : 0,
  }
}

export const bareJidOf = (name: string): string => {
  const { user, domain } = identityOf(name)
  return `${user}@${domain}`
}

export const fullJidOf = (name: string): string => `${bareJidOf(name)}/${identityOf(name).resource}`
