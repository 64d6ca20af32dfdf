/**
 * What is journalled, folded into states. Each event is stepped under the options under which it was stepped when it
 * happened: those that the account's state came with, then those of each `ConfigChanged`.
 */
import { type Account, type Config, configOfReducer, emptyAccount, type Step, step } from '@smacks/core'
import type { Journalled } from './ports.js'

/** An account after some of its entries. */
export interface Folded<A> {
  readonly state: Account<A>
  /** What its next event is stepped under. */
  readonly config: Config
}

/** An entry that changes what is known of its account. */
export type FoldedEntry<A> = OmitAccount<Extract<Journalled<A>, { readonly _tag: 'EventLogged' | 'Baseline' }>>

type OmitAccount<E> = E extends unknown ? Omit<E, 'account'> : never

/** Takes the entries of one account in their order; nothing is known before the first. */
export type Fold = <A>(before: Folded<A> | undefined, entry: FoldedEntry<A>) => Folded<A>

/**
 * `today`: the options in force now. Programs with reducer 1 wrote none, so what they wrote is folded under these, with
 * all that they decided otherwise; but as nobody knows how long their queues were, nothing is kept in storage in the fold,
 * and what is there has to be counted then (`recount`).
 */
export const createFold = (today: Config): Fold => {
  const untold = configOfReducer(1, today)
  const unkept: Config = { ...untold, queueStorage: false }
  const steps = new Map<Config, Step>()
  const stepUnder = (config: Config): Step => {
    const known = steps.get(config) ?? step(config)
    steps.set(config, known)
    return known
  }
  return (before, entry) => {
    if (entry._tag === 'Baseline') return { state: entry.state, config: entry.config ?? untold }
    const { event } = entry
    const config = before?.config ?? untold
    const [state] = stepUnder(config === untold ? unkept : config)(before?.state ?? emptyAccount, event)
    return { state, config: event._tag === 'ConfigChanged' ? event.config : config }
  }
}
