/** What a running server is asked of its sessions. */
import type { Verb } from '@smacks/control'
import * as t from '#io-ts'
import { sessionDetail, sessionRow } from './session-json.js'

/** An account, and one of its sessions or all. */
const whose = t.intersection([t.strict({ account: t.string }), t.partial({ resource: t.string })])

/** Where a page of the list ended. */
const place = t.strict({ account: t.string, resource: t.string })

const listRequest = t.partial({ account: t.string, after: place })
const listAnswer = t.intersection([t.strict({ sessions: t.readonlyArray(sessionRow) }), t.partial({ next: place })])

/** The sessions behind a place, in the order of accounts and resources; `next` is there if there may be more. */
export const listSessions: Verb<t.TypeOf<typeof listRequest>, t.TypeOf<typeof listAnswer>> = {
  name: 'session list',
  request: listRequest,
  answer: listAnswer,
}

/** Addresses of sessions, such as were probably meant. */
const near = t.readonlyArray(t.string)

const showAnswer = t.strict({ sessions: t.readonlyArray(sessionDetail), more: t.number, near })

/** All that is known of one session, or of all of an account, `more` of which do not fit into the answer; `near` tells what may have been meant if there is none. */
export const showSessions: Verb<t.TypeOf<typeof whose>, t.TypeOf<typeof showAnswer>> = {
  name: 'session show',
  request: whose,
  answer: showAnswer,
}

const endRequest = t.intersection([whose, t.partial({ reason: t.string })])
const endAnswer = t.strict({ ended: t.readonlyArray(sessionRow), near })

/** Ends one session, or all of an account. `ended`: what they were; it is durable. */
export const endSessions: Verb<t.TypeOf<typeof endRequest>, t.TypeOf<typeof endAnswer>> = {
  name: 'session end',
  request: endRequest,
  answer: endAnswer,
}
