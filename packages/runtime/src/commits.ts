/**
 * Commits in order, one at a time. What turns leave while one is under way goes into the next together (group
 * commit). So what is durable is always a beginning of what happened: when a batch fails, nothing after it is kept, and
 * nothing of it or after it is concluded.
 */
import type { Change, Journal } from './ports.js'

export interface Commits<A> {
  /** Makes the changes durable, then concludes; in order, and before it returns if there is nothing to wait for. */
  readonly commit: (changes: ReadonlyArray<Change<A>>, conclude: () => void) => void
  /** Why a batch failed, once one did. */
  readonly failure: () => { readonly error: unknown } | undefined
  /** The commit under way; resolves when it is concluded, or failed. */
  readonly underWay: () => Promise<void> | undefined
}

interface Waiting<A> {
  readonly changes: ReadonlyArray<Change<A>>
  readonly conclude: () => void
}

/** `onFailure` is told of the failure. Neither it nor any `conclude` may throw. */
export const createCommits = <A>(
  journal: Pick<Journal<A>, 'commit'>,
  onFailure: (error: unknown) => void,
): Commits<A> => {
  let failure: { readonly error: unknown } | undefined
  let underWay: Promise<void> | undefined
  let waiting: Array<Waiting<A>> = []

  /** What needs no commit and waits for none is concluded; all the rest becomes one batch. */
  const proceed = (): void => {
    const needy = waiting.findIndex(({ changes }) => changes.length > 0)
    const ready = needy < 0 ? waiting : waiting.slice(0, needy)
    const batch = needy < 0 ? [] : waiting.slice(needy)
    waiting = []
    for (const { conclude } of ready) conclude()
    if (batch.length > 0) begin(batch)
  }

  const begin = (batch: ReadonlyArray<Waiting<A>>): void => {
    const concludeAll = (): void => {
      for (const { conclude } of batch) conclude()
    }
    const committed = begun(batch.flatMap(({ changes }) => changes))
    if (committed === undefined) return concludeAll()
    underWay = committed.then(
      () => {
        concludeAll()
        underWay = undefined
        proceed()
      },
      error => {
        failure = { error }
        underWay = undefined
        waiting = []
        onFailure(error)
      },
    )
  }

  const begun = (changes: ReadonlyArray<Change<A>>): Promise<void> | undefined => {
    try {
      return journal.commit(changes)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  return {
    commit: (changes, conclude) => {
      if (failure !== undefined) return
      if (underWay === undefined && changes.length === 0) return conclude()
      waiting.push({ changes, conclude })
      if (underWay === undefined) proceed()
    },
    failure: () => failure,
    underWay: () => underWay,
  }
}
