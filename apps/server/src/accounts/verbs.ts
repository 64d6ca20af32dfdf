/** What a running server is asked to do with its accounts. */
import { type Handler, handlerOf, type Verb } from '@smacks/control'
import * as Either from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'

const removeRequest = t.strict({ account: t.string })
const removeAnswer = t.strict({ removed: t.boolean })

/**
 * Removes an account, given by its bare JID, with its sessions and all that is kept of it; `removed` is false if there is no
 * such account.
 */
export const removeAccountVerb: Verb<t.TypeOf<typeof removeRequest>, t.TypeOf<typeof removeAnswer>> = {
  name: 'account remove',
  request: removeRequest,
  answer: removeAnswer,
}

const passwordsRequest = t.strict({ accounts: t.readonlyArray(t.string) })

/** These accounts, bare JIDs, normalised, have new passwords: whoever is connected has to log in anew. */
export const passwordsChangedVerb: Verb<t.TypeOf<typeof passwordsRequest>, object> = {
  name: 'passwords changed',
  request: passwordsRequest,
  answer: t.strict({}),
}

export interface AccountActions {
  /** False if there is no such account; `Left` says in one sentence why it cannot be removed. */
  readonly remove: (account: string) => Promise<Either.Either<string, boolean>>
  readonly passwordChanged: (account: string) => void
}

export const accountHandlers = ({ remove, passwordChanged }: AccountActions): ReadonlyArray<Handler> => [
  handlerOf(removeAccountVerb, async ({ account }) =>
    Either.map((removed: boolean) => ({ removed }))(await remove(account)),
  ),
  handlerOf(passwordsChangedVerb, async ({ accounts }) => {
    for (const account of accounts) passwordChanged(account)
    return Either.right({})
  }),
]
