/** Authorization identities (RFC 6120 §6.3.8): who wants to act as whom. */

import { bareJid } from '@smacks/codec'
import * as Either from '#fp-ts/Either'
import { pipe } from '#fp-ts/function'
import * as Option from '#fp-ts/Option'
import { decodeAccountJid } from './account-name.js'

/** True if there is none, or it is the bare JID of the account: nobody may act as somebody else. */
export const isOwnAuthzid = (authzid: string | undefined, account: Option.Option<string>): boolean =>
  authzid === undefined ||
  authzid === '' ||
  pipe(
    decodeAccountJid(authzid),
    Either.exists(jid => Option.isSome(account) && bareJid(jid) === account.value),
  )
