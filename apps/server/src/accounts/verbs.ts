/** What a running server has to be told of its accounts. */
import * as Either from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { type Handler, handlerOf } from '../control/handler.js'
import type { Verb } from '../control/protocol.js'

const removedRequest = t.strict({ account: t.string })

/** The account, a bare JID, normalised, is removed: its sessions are to end. */
export const accountRemoved: Verb<t.TypeOf<typeof removedRequest>, object> = {
  name: 'account removed',
  request: removedRequest,
  answer: t.strict({}),
}

/** What the server does about it. It is told of accounts that exist only by mistake, and says so. */
export const accountHandlers = (
  exists: (account: string) => boolean,
  endAccount: (account: string) => Promise<void>,
): ReadonlyArray<Handler> => [
  handlerOf(accountRemoved, async ({ account }) => {
    if (exists(account)) return Either.left(`${account} is not removed: there is such an account`)
    await endAccount(account)
    return Either.right({})
  }),
]
