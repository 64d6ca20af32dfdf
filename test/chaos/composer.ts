/** What a client has to say: messages, and now and then a new item for its roster. */
import type { Chance } from './chance.js'
import type { Contacts } from './contacts.js'
import { bareJidOf, fullJidOf, identityOf } from './identity.js'
import type { Ledger } from './ledger.js'
import type { Sent } from './outgoing.js'

/** Not empty. */
export type Names = readonly [string, ...ReadonlyArray<string>]

/** Those with a session, whose resource is `chaos`, and those that never log in. */
export interface Peers {
  readonly present: Names
  readonly absent: ReadonlyArray<string>
}

export interface ComposerOptions {
  readonly name: string
  readonly peers: Peers
  readonly keepsToAddress: boolean
  readonly keepsRoster: boolean
  readonly chance: Chance
  readonly ledger: Ledger
  readonly contacts: Contacts
}

/** The next stanza, each time it is asked. */
export const createComposer = (options: ComposerOptions): (() => Sent) => {
  const { name, peers, chance, ledger, contacts } = options
  const usesBare = addressing(options)
  return () => {
    if (options.keepsRoster && chance.fraction() < 0.02) return { xml: contacts.newItem() }
    const [absent] = peers.absent
    const isAbsent = absent !== undefined && chance.fraction() < 0.05
    const to = isAbsent ? chance.pick([absent, ...peers.absent.slice(1)]) : chance.pick(peers.present)
    const address = isAbsent || usesBare(to) ? bareJidOf(to) : fullJidOf(to)
    const body = '~'.repeat(chance.between(1, 200))
    const number = ledger.sending(name, to)
    return {
      xml: `<message to='${address}' type='chat' id='${name} ${to} ${number}'><body>${body}</body></message>`,
      message: { to, number },
    }
  }
}

/** Whether a bare JID is used, now or always the same for a peer. */
const addressing = ({ keepsToAddress, chance }: ComposerOptions): ((to: string) => boolean) => {
  const chosen = new Map<string, boolean>()
  const choose = (): boolean => chance.fraction() < 0.3
  return to => {
    // What is for the account does not come to a device of a negative priority.
    if (identityOf(to).priority < 0) return false
    if (!keepsToAddress) return choose()
    const uses = chosen.get(to) ?? choose()
    chosen.set(to, uses)
    return uses
  }
}
