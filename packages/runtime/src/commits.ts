/**
 * Commits in order, one at a time. What turns leave while one is under way goes into the next together (group
 * commit), as far as a batch may be so large. So what is durable is always a beginning of what happened.
 *
 * A batch that cannot be committed is tried again until it can: nothing of it or after it is concluded meanwhile, so
 * nothing is seen outside that is not durable, and nothing is lost. Where one change is to blame it is left out.
 */
import { type Change, ChangeRefused, type Journal } from './ports.js'

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
export class Commits<A> {
  private failed: { readonly error: unknown } | undefined
  private insists = true
  private current: { readonly ended: Promise<void>; readonly end: () => void } | undefined
  private waiting: Array<Commit<A>> = []
  private isProceeding = false
  /** Ends the pause before the next attempt. */
  private wake: (() => void) | undefined

  constructor(
    private readonly journal: Pick<Journal<A>, 'commit'>,
    private readonly options: CommitsOptions<A>,
  ) {}

  /** Makes the changes durable, then concludes; in order, and before it returns if there is nothing to wait for. */
  commit(made: Commit<A>): void {
    if (this.failed !== undefined) return
    this.waiting.push(made)
    this.proceed()
  }

  /** The commit under way; resolves when it is concluded, or given up. */
  underWay(): Promise<void> | undefined {
    return this.current?.ended
  }

  /** From now on a batch that fails is not tried again. */
  insistNoMore(): void {
    this.insists = false
    this.wake?.()
  }

  /** Why a batch was given up, once one was. */
  failure(): { readonly error: unknown } | undefined {
    return this.failed
  }

  /** What needs no commit and waits for none is concluded; of the rest, as much as one batch may have is one. */
  private proceed(): void {
    // Whatever is committed while something is concluded comes after it.
    if (this.isProceeding) return
    this.isProceeding = true
    while (this.current === undefined && this.waiting.length > 0) {
      const needy = this.waiting.findIndex(({ changes }) => changes.length > 0)
      if (needy === 0) this.begin(this.waiting.splice(0, lengthOfBatch(this.waiting, this.options.limit)))
      else concludeAll(this.waiting.splice(0, needy < 0 ? this.waiting.length : needy))
    }
    this.isProceeding = false
  }

  private begin(batch: ReadonlyArray<Commit<A>>): void {
    const changes = batch.length === 1 && batch[0] !== undefined ? batch[0].changes : batch.flatMap(one => one.changes)
    const committed = this.begun(changes)
    if (committed === undefined) return concludeAll(batch)
    this.current = pending()
    this.attempt(committed, batch, changes, 1)
  }

  private begun(changes: ReadonlyArray<Change<A>>): Promise<void> | undefined {
    try {
      return this.journal.commit(changes)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  private attempt(
    committed: Promise<void>,
    batch: ReadonlyArray<Commit<A>>,
    changes: ReadonlyArray<Change<A>>,
    count: number,
  ): void {
    committed.then(
      () => {
        if (count > 1) this.options.onRecovery()
        concludeAll(batch)
        this.end()
        this.proceed()
      },
      error => {
        if (error instanceof ChangeRefused && changes.some(change => change === error.change))
          this.leaveOut(error, batch, count)
        else this.stall(error, batch, changes, count)
      },
    )
  }

  /** The same batch is tried again, after a pause. */
  private stall(
    error: unknown,
    batch: ReadonlyArray<Commit<A>>,
    changes: ReadonlyArray<Change<A>>,
    count: number,
  ): void {
    this.options.onStall(error, count)
    const again = (): void => {
      this.wake = undefined
      if (this.insists) this.attempt(this.begun(changes) ?? Promise.resolve(), batch, changes, count + 1)
      else this.giveUp(error)
    }
    if (!this.insists) return again()
    this.wake = again
    this.options.later(retryDelay, () => {
      if (this.wake === again) again()
    })
  }

  /**
   * All that waits goes along: what is done about the change comes after it, and must be durable together with what the
   * others make of that change, such as an ack for a stanza that goes back to its sender now.
   */
  private leaveOut(refusal: ChangeRefused, refused: ReadonlyArray<Commit<A>>, count: number): void {
    const isLeft = this.options.onRefused(refusal)
    const batch = [...refused, ...this.waiting]
    this.waiting = []
    const changes = batch.flatMap(one => one.changes.filter(change => change !== refusal.change && isLeft(change)))
    const committed = changes.length === 0 ? undefined : this.begun(changes)
    this.attempt(committed ?? Promise.resolve(), batch, changes, count)
  }

  private giveUp(error: unknown): void {
    this.failed = { error }
    this.waiting = []
    this.end()
  }

  private end(): void {
    const done = this.current
    this.current = undefined
    done?.end()
  }
}

const concludeAll = (batch: ReadonlyArray<Commit<unknown>>): void => {
  for (const { conclude } of batch) conclude()
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
