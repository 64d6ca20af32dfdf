/**
 * Commits in order. What a turn shows waits for its own batch and for all before it, also where a later batch is done
 * first; and once one batch failed nothing is concluded any more.
 */
import type { Change, Journal } from './ports.js'

export interface Commits<A> {
  /** Makes the changes durable, then concludes: before it returns if there is nothing to wait for. */
  readonly commit: (changes: ReadonlyArray<Change<A>>, conclude: () => void) => void
  /** Why a batch failed, once one did. */
  readonly failure: () => { readonly error: unknown } | undefined
  /** The commit under way; resolves when it is concluded, or failed. */
  readonly underWay: () => Promise<void> | undefined
}

/** `onFailure` is told of the first failure only. */
export const createCommits = <A>(
  journal: Pick<Journal<A>, 'commit'>,
  onFailure: (error: unknown) => void,
): Commits<A> => {
  let failure: { readonly error: unknown } | undefined
  let underWay: Promise<void> | undefined

  const begun = (changes: ReadonlyArray<Change<A>>): Promise<void> | undefined => {
    if (changes.length === 0) return undefined
    try {
      return journal.commit(changes)
    } catch (error) {
      return Promise.reject(error)
    }
  }
  const fail = (error: unknown): void => {
    if (failure !== undefined) return
    failure = { error }
    onFailure(error)
  }

  return {
    commit: (changes, conclude) => {
      if (failure !== undefined) return
      const committed = begun(changes)
      if (committed === undefined && underWay === undefined) return conclude()
      const mine: Promise<void> = Promise.all([underWay, committed]).then(
        () => {
          if (underWay === mine) underWay = undefined
          if (failure === undefined) conclude()
        },
        error => {
          if (underWay === mine) underWay = undefined
          fail(error)
        },
      )
      underWay = mine
    },
    failure: () => failure,
    underWay: () => underWay,
  }
}
