/**
 * The turn at hand, and those that wait to be durable. A turn ends when the host's event loop has handed out its input, or
 * behind the read that made it long or large. Then its changes are committed, and once they are durable its visible effects are
 * performed, in the order of the turns.
 */
import type { Commit } from './commits.js'
import type { Change, Turns } from './ports.js'
import { Turn, type Visible } from './turn.js'

export interface TurnCycleOptions<A> {
  /** How large a stanza is. */
  readonly sizeOf: (stanza: A) => number
  /** A turn whose changes are that large ends at once. */
  readonly batchLimit: number
  /** So does one of which so much can be seen. */
  readonly visibleLimit: number
  readonly turns: Turns
  /** True if no event waits to be stepped. */
  readonly isInboxEmpty: () => boolean
  /** The turn is about to end: what belongs to its batch besides is added now. */
  readonly ending: () => void
  /** It has ended, and events wait to be stepped. */
  readonly resume: () => void
  readonly commit: (made: Commit<A>) => void
  /** Performs what can be seen. */
  readonly perform: (visible: ReadonlyArray<Visible<A>>) => void
  /** The changes are durable; these accounts have lost their last session. */
  readonly durable: (changes: ReadonlyArray<Change<A>>, emptied: Turn<A>['emptied']) => void
}

export class TurnCycle<A> {
  /** What is being filled. */
  turn: Turn<A>
  /** Turns whose commit is under way or waits for another, oldest first. */
  private readonly unconcluded: Array<Turn<A>> = []
  private endIsDue = false
  /** The host will tell when it has handed out what it has at hand. */
  private isHostAsked = false
  private fullEndIsDue = false

  constructor(private readonly options: TurnCycleOptions<A>) {
    this.turn = new Turn(options.sizeOf)
  }

  /** The turns that are not concluded, oldest first; the last is the one at hand. */
  all(): ReadonlyArray<Turn<A>> {
    return [...this.unconcluded, this.turn]
  }

  /** The end of the turn is on its way. */
  get isEndDue(): boolean {
    return this.endIsDue
  }

  /** Something was added from outside of a step, or a step was made. */
  touched(): void {
    this.endLater()
    if (this.isFull()) this.endFullSoon()
  }

  /** The turn ends when the host has handed out what it has at hand. */
  endLater(): void {
    this.endIsDue = true
    if (this.isHostAsked) return
    this.isHostAsked = true
    this.options.turns.atEnd(this.endAtHost)
  }

  private readonly endAtHost = (): void => {
    this.isHostAsked = false
    this.end()
  }

  /**
   * A turn that has much is ended before more input is taken, so that nobody waits for what others are still to say: not
   * here, since whoever dispatches may have more that belongs to it, but as soon as that is done.
   */
  private endFullSoon(): void {
    if (this.fullEndIsDue) return
    this.fullEndIsDue = true
    void Promise.resolve().then(() => {
      this.fullEndIsDue = false
      this.endIfFull()
    })
  }

  /** What an endless application still has to say waits for the next turn of the host. */
  endIfFull(): void {
    if (this.isFull() && this.options.isInboxEmpty()) this.end()
  }

  private isFull(): boolean {
    const { turn } = this
    return turn.visible.length >= this.options.visibleLimit || turn.size >= this.options.batchLimit
  }

  readonly end = (): void => {
    const { ending, commit, isInboxEmpty, resume } = this.options
    ending()
    this.endIsDue = false
    const done = this.turn
    this.turn = new Turn(this.options.sizeOf)
    this.unconcluded.push(done)
    commit({ changes: done.changes, size: done.size, conclude: () => this.conclude(done) })
    if (!isInboxEmpty()) resume()
  }

  private conclude(done: Turn<A>): void {
    this.unconcluded.shift()
    this.options.perform(done.visible)
    this.options.durable(done.changes, done.emptied)
  }

  /**
   * Commits what happened so far, in the middle of a turn. What is to be seen waits for the end of the turn: whoever
   * dispatches must not be interrupted by it.
   */
  commitPage(concluded: () => void): void {
    const page = this.turn
    this.turn = new Turn(this.options.sizeOf)
    this.turn.visible = page.visible
    this.turn.emptied.push(...page.emptied)
    page.visible = []
    this.unconcluded.push(page)
    this.options.commit({
      changes: page.changes,
      size: page.size,
      conclude: () => {
        this.unconcluded.shift()
        this.options.durable(page.changes, [])
        concluded()
      },
    })
  }
}
