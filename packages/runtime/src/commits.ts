/**
 * Commits in order, one at a time. What turns leave while one is under way goes into the next together (group
 * commit), as far as a batch may be so large. So what is durable is always a beginning of what happened.
 *
 * A batch that cannot be committed is tried again until it can: nothing of it or after it is concluded meanwhile, so
 * nothing is seen outside that is not durable, and nothing is lost. Where one change is to blame it is left out.
 */
import { type Change, ChangeRefused, type Journal } from './ports.js'

export interface Commits<A> {
  /** Makes the changes durable, then concludes; in order, and before it returns if there is nothing to wait for. */
  readonly commit: (made: Commit<A>) => void
  /** The commit under way; resolves when it is concluded, or given up. */
  readonly underWay: () => Promise<void> | undefined
  /** From now on a batch that fails is not tried again. */
  readonly insistNoMore: () => void
  /** Why a batch was given up, once one was. */
  readonly failure: () => { readonly error: unknown } | undefined
}

/** What one turn leaves. */
export interface Commit<A> {
  readonly changes: ReadonlyArray<Change<A>>
  /** About how many bytes the changes take. */
  readonly size: number
  readonly conclude: () => void
}

export interface CommitsOptions<A> {
  /** Turns that wait go into one batch as long as it is no larger than this; one that is larger goes alone. */
  readonly limit: number
  /** Calls back after so many milliseconds. */
  readonly later: (milliseconds: number, callback: () => void) => void
  /** A batch failed, for the `attempt`th time (from 1). */
  readonly onStall: (error: unknown, attempt: number) => void
  /**
   * A change can never be committed. What follows from that may be committed meanwhile: it goes into the same batch. Returns
   * which changes that batch is to have; that one is not among them.
   */
  readonly onRefused: (refusal: ChangeRefused) => (change: Change<A>) => boolean
  /** A batch that had failed is durable. */
  readonly onRecovery: () => void
}

/** Milliseconds until a batch that failed is tried again. */
export const retryDelay = 1_000

/** Neither the listeners nor any `conclude` may throw. */
export const createCommits = <A>(
  journal: Pick<Journal<A>, 'commit'>,
  { later, limit, onStall, onRefused, onRecovery }: CommitsOptions<A>,
): Commits<A> => {
  let failure: { readonly error: unknown } | undefined
  let insists = true
  let underWay: { readonly ended: Promise<void>; readonly end: () => void } | undefined
  let waiting: Array<Commit<A>> = []
  let isProceeding = false
  /** Ends the pause before the next attempt. */
  let wake: (() => void) | undefined

  /** What needs no commit and waits for none is concluded; of the rest, as much as one batch may have is one. */
  const proceed = (): void => {
    // Whatever is committed while something is concluded comes after it.
    if (isProceeding) return
    isProceeding = true
    while (underWay === undefined && waiting.length > 0) {
      const needy = waiting.findIndex(({ changes }) => changes.length > 0)
      if (needy === 0) begin(waiting.splice(0, lengthOfBatch(waiting, limit)))
      else for (const { conclude } of waiting.splice(0, needy < 0 ? waiting.length : needy)) conclude()
    }
    isProceeding = false
  }

  const begin = (batch: ReadonlyArray<Commit<A>>): void => {
    const changes = batch.length === 1 && batch[0] !== undefined ? batch[0].changes : batch.flatMap(one => one.changes)
    const committed = begun(changes)
    if (committed === undefined) return concludeAll(batch)
    underWay = pending()
    attempt(committed, batch, changes, 1)
  }

  const attempt = (
    committed: Promise<void>,
    batch: ReadonlyArray<Commit<A>>,
    changes: ReadonlyArray<Change<A>>,
    count: number,
  ): void => {
    committed.then(
      () => {
        if (count > 1) onRecovery()
        concludeAll(batch)
        ended()
        proceed()
      },
      error => {
        if (error instanceof ChangeRefused && changes.some(change => change === error.change))
          return leaveOut(error, batch, count)
        onStall(error, count)
        const again = (): void => {
          wake = undefined
          if (insists) attempt(begun(changes) ?? Promise.resolve(), batch, changes, count + 1)
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

  /**
   * All that waits goes along: what is done about the change comes after it, and must be durable together with what the
   * others make of that change, such as an ack for a stanza that goes back to its sender now.
   */
  const leaveOut = (refusal: ChangeRefused, refused: ReadonlyArray<Commit<A>>, count: number): void => {
    const isLeft = onRefused(refusal)
    const batch = [...refused, ...waiting]
    waiting = []
    const changes = batch.flatMap(one => one.changes.filter(change => change !== refusal.change && isLeft(change)))
    attempt((changes.length === 0 ? undefined : begun(changes)) ?? Promise.resolve(), batch, changes, count)
  }

  const concludeAll = (batch: ReadonlyArray<Commit<A>>): void => {
    for (const { conclude } of batch) conclude()
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
    commit: made => {
      if (failure !== undefined) return
      waiting.push(made)
      proceed()
    },
    failure: () => failure,
    underWay: () => underWay?.ended,
    insistNoMore: () => {
      insists = false
      wake?.()
    },
  }
}

/** How many of the first belong into one batch: as many as keep within its limit, and one at least. */
const lengthOfBatch = (waiting: ReadonlyArray<Commit<unknown>>, limit: number): number => {
  let [count, size] = [0, 0]
  for (const one of waiting) {
    size += one.size
    if (count > 0 && size > limit) break
    count += 1
  }
  return count
}

const pending = (): { readonly ended: Promise<void>; readonly end: () => void } => {
  let end = (): void => {}
  const ended = new Promise<void>(resolve => {
    end = resolve
  })
  return { ended, end }
}
