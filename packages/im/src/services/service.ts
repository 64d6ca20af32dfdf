/** An iq that the server answers itself, and what an answer is. */
import type { Element } from '@smacks/codec'
import type { Asker } from '../event.js'
import type { Refusal } from '../stanzas.js'
import type { ImAccount, Transition } from '../state.js'
import type { View } from '../view.js'

/** Whom the request addresses. */
export type Target =
  /** The user's own account: no `to`, or the own bare JID. */
  | { readonly _tag: 'OwnAccount' }
  /** The account of another user, served here, who exists or not. */
  | { readonly _tag: 'OtherAccount' }
  /** A served domain. */
  | { readonly _tag: 'Domain' }

/** A well-formed get or set. */
export interface Request {
  readonly view: View
  /** The account that is asked; of a domain, no account in particular. */
  readonly account: ImAccount
  /** Who asks: a user of this server, or anybody at another, to whom no account here is the own one. */
  readonly asker: Asker
  readonly type: 'get' | 'set'
  readonly target: Target
  /** The one child of the iq. */
  readonly payload: Element
}

export type Answer =
  /** The account is changed, then the result is sent; `afterwards` comes when that is on its way. */
  | {
      readonly _tag: 'Result'
      readonly payload?: Element
      readonly change?: Transition
      readonly afterwards?: Transition
    }
  | ({ readonly _tag: 'Refused' } & Refusal)

export type Service = (request: Request) => Answer

/** An empty result. */
export const done: Answer = { _tag: 'Result' }

export const result = (payload: Element): Answer => ({ _tag: 'Result', payload })

export const refused = (type: Refusal['type'], condition: string, text?: string): Answer => ({
  _tag: 'Refused',
  type,
  condition,
  ...(text === undefined ? {} : { text }),
})

/** Nothing here does that, or nobody may know (RFC 6120 §8.3.3.19). */
export const unavailable: Answer = refused('cancel', 'service-unavailable')

/** The request is not what its namespace allows (RFC 6120 §8.3.3.1). */
export const badRequest = (text: string): Answer => refused('modify', 'bad-request', text)
