/**
 * Commits in order, one at a time. What turns leave while one is under way goes into the next together (group
 * commit). So what is durable is always a beginning of what happened.
 *
 * A batch that cannot be committed is tried again until it can: nothing of it or after it is concluded meanwhile, so
 * nothing is seen outside that is not durable, and nothing is lost.
 */
import type { Change, Journal } from './ports.js'

export interface Commits<A> {
  /** Makes the changes durable, then concludes; in order, and before it returns if there is nothing to wait for. */
  readonly commit: (changes: ReadonlyArray<Change<A>>, conclude: () => void) => void
  /** The commit under way; resolves when it is concluded, or given up. */
  readonly underWay: () => Promise<void> | undefined
  /** From now on a batch that fails is not tried again. */
  readonly insistNoMore: () => void
  /** Why a batch was given up, once one was. */
  readonly failure: () => { readonly error: unknown } | undefined
}

export interface CommitsOptions {
  /** Calls back after so many milliseconds. */
  readonly later: (milliseconds: number, callback: () => void) => void
  /** A batch failed, for the `attempt`th time (from 1). */
  readonly onStall: (error: unknown, attempt: number) => void
  /** A batch that had failed is durable. */
  readonly onRecovery: () => void
}

interface Waiting<A> {
  readonly changes: ReadonlyArray<Change<A>>
  readonly conclude: () => void
}

/** Milliseconds until a batch that failed is tried again. */
export const retryDelay = 1_000

/** Neither the listeners nor any `conclude` may throw. */
export const createCommits = <A>(
  journal: Pick<Journal<A>, 'commit'>,
  { later, onStall, onRecovery }: CommitsOptions,
): Commits<A> => {
  let failure: { readonly error: unknown } | undefined
  let insists = true
  let underWay: { readonly ended: Promise<void>; readonly end: () => void } | undefined
  let waiting: Array<Waiting<A>> = []
  /** Ends the pause before the next attempt. */
  let wake: (() => void) | undefined

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
    const changes = batch.length === 1 && batch[0] !== undefined ? batch[0].changes : batch.flatMap(one => one.changes)
    const committed = begun(changes)
    if (committed === undefined) return concludeAll()
    underWay = pending()
    attempt(committed, changes, concludeAll, 1)
  }

  const attempt = (
    committed: Promise<void>,
    changes: ReadonlyArray<Change<A>>,
    concludeAll: () => void,
    count: number,
  ): void => {
    committed.then(
      () => {
        if (count > 1) onRecovery()
        concludeAll()
        ended()
        proceed()
      },
      error => {
        onStall(error, count)
        const again = (): void => {
          wake = undefined
          if (insists) attempt(begun(changes) ?? Promise.resolve(), changes, concludeAll, count + 1)
          else giveUp(error)
        }
        if (!insists) return again()
        wake = again
        later(retryDelay, () => {
          if (wake === again) again()
        })
      },
    )
  }

  const giveUp = (error: unknown): void => {
    failure = { error }
    waiting = []
    ended()
  }

  const ended = (): void => {
    const done = underWay
    underWay = undefined
    done?.end()
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
    underWay: () => underWay?.ended,
    insistNoMore: () => {
      insists = false
      wake?.()
    },
  }
}

const pending = (): { readonly ended: Promise<void>; readonly end: () => void } => {
  let end = (): void => {}
  const ended = new Promise<void>(resolve => {
    end = resolve
  })
  return { ended, end }
}
