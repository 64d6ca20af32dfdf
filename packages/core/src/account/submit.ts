/** A message goes to several sessions at once: to each as a submission of its own, which knows of the others. */
import type { Effect } from '../effect.js'
import type { MessageSubmitted, Recipient, StanzaSubmitted } from '../event.js'
import { type Account, type Delivery, sessionOf } from '../state.js'
import { enlist } from './deliveries.js'

/** What is submitted to one session, and who else is given it. */
export type Submission<A> = StanzaSubmitted<A> & { readonly others?: ReadonlyArray<Delivery> }

export interface Submissions<A> {
  /** With names for the counts of those who get it. */
  readonly account: Account<A>
  readonly submissions: ReadonlyArray<Submission<A>>
  /** What becomes of it where there is no session. */
  readonly effects: ReadonlyArray<Effect<A>>
}

export const submissionsOf = <A>(account: Account<A>, { at, recipients }: MessageSubmitted<A>): Submissions<A> => {
  const isPresent = ({ resource }: Recipient<A>): boolean => sessionOf(account, resource) !== undefined
  const present = recipients.filter(isPresent)
  const missing = recipients.filter(one => !isPresent(one))
  const submitted = (one: Recipient<A>): StanzaSubmitted<A> => ({ _tag: 'StanzaSubmitted', at, ...one })
  const [only] = present
  // It is like any other message, unless just its copy is left: nobody else will ever have it.
  if (only === undefined || (present.length === 1 && only.facts.copy === undefined))
    return { account, submissions: present.map(submitted), effects: left(missing, at, present.length > 0) }
  const [enlisted, deliveries] = enlist(account, present)
  const submissions = present.map((one, index) => ({
    ...submitted(one),
    others: deliveries.filter((_, other) => other !== index),
  }))
  return { account: enlisted, submissions, effects: left(missing, at, true) }
}

/** The sessions ended while it was on its way to them. If nobody is left, it is routed anew, once. */
const left = <A>(missing: ReadonlyArray<Recipient<A>>, at: number, isTaken: boolean): ReadonlyArray<Effect<A>> => {
  const rerouted = isTaken ? undefined : missing.find(({ facts }) => facts.copy === undefined)
  const discards = missing
    .filter(one => one !== rerouted)
    .map((one): Effect<A> => ({ _tag: 'Discard', ...one, reason: one.facts.copy ? 'copy' : 'held' }))
  return rerouted === undefined ? discards : [...discards, { _tag: 'Redeliver', ...rerouted, submittedAt: at }]
}
