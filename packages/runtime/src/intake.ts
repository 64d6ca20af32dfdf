/**
 * Takes events in, one at a time. Whatever is dispatched while a step is made, by the application or by us, waits until that
 * step is done, and is stepped then in the order in which it came.
 */
import { type Event, isOfSameRun, type Run } from '@smacks/core'
import type { AccountId } from './account-id.js'
import { Asking } from './asking.js'
import type { Answer, Asked, Question } from './runtime.js'

/**
 * Steps made in one go. What an application dispatches beyond that waits for the next turn, so that one that never
 * comes to an end cannot keep all others from being heard. A broadcast to the largest roster stays far below.
 */
export const stepsAtOnce = 100_000

export interface IntakeOptions<A> {
  readonly step: (account: AccountId, event: Event<A>) => void
  /** Steps several that wait one behind the other. */
  readonly stepAll: (account: AccountId, run: Run<A>) => void
  /** An event and all that came of it are stepped; what is dispatched here is stepped later. */
  readonly settle: () => void
  /** Nothing is being stepped any more. */
  readonly done: () => void
  /** More came of one event than is stepped at once. */
  readonly onEndless: (error: Error) => void
}

interface Waiting<A> {
  readonly account: AccountId
  readonly event: Event<A>
}

export class Intake<A> {
  private readonly inbox: Array<Waiting<A>> = []
  private stepping = false
  private asking: Asking<A> | undefined

  constructor(private readonly options: IntakeOptions<A>) {}

  get isStepping(): boolean {
    return this.stepping
  }

  /** Who waits for the answer to the event that is being stepped, if anybody does. */
  get asked(): Asking<A> | undefined {
    return this.asking
  }

  get isEmpty(): boolean {
    return this.inbox.length === 0
  }

  readonly dispatch = (account: AccountId, event: Event<A>): void => {
    if (this.stepping) this.inbox.push({ account, event })
    else this.stepNow(account, event, undefined)
  }

  /** Dispatches a run: what the application makes of one of them is stepped behind all of them. */
  readonly dispatchAll = (account: AccountId, run: Run<A>): void => {
    for (const event of run) this.inbox.push({ account, event })
    if (this.stepping || run.length === 0) return
    this.stepping = true
    this.finishStepping()
  }

  /** Dispatches an event that somebody waits for an answer to, and returns what its step came to. */
  readonly ask = (account: AccountId, event: Question, answer: Answer): Asked => {
    if (this.stepping)
      throw new Error(`${event._tag} came while a step was made, and whoever asks must be told at once.`)
    const asking = new Asking<A>(event.connection, answer)
    this.stepNow(account, event, asking)
    return asking.outcome
  }

  private stepNow(account: AccountId, event: Event<A>, asking: Asking<A> | undefined): void {
    this.stepping = true
    this.asking = asking
    this.options.step(account, event)
    this.asking = undefined
    this.finishStepping()
  }

  private finishStepping(): void {
    this.stepInbox()
    this.options.settle()
    this.stepping = false
    this.options.done()
  }

  /** Steps what waits. The application may dispatch more while this runs; it is stepped in its turn. */
  stepInbox(): void {
    const { inbox } = this
    let next = 0
    while (next < inbox.length && next < stepsAtOnce) {
      const end = this.runEnd(next)
      const { account, event } = inbox[next] as Waiting<A>
      if (end === next + 1) this.options.step(account, event)
      else this.options.stepAll(account, inbox.slice(next, end).map(waiting => waiting.event) as unknown as Run<A>)
      next = end
    }
    if (next < inbox.length) this.options.onEndless(new Error(`more than ${stepsAtOnce} events came of one`))
    if (next === inbox.length) inbox.length = 0
    else inbox.splice(0, next)
  }

  /** The index behind the run that begins here, if it is only one event. */
  private runEnd(start: number): number {
    const { inbox } = this
    const { account, event } = inbox[start] as Waiting<A>
    let end = start + 1
    for (; end < inbox.length && end < stepsAtOnce; end += 1) {
      const next = inbox[end] as Waiting<A>
      if (next.account !== account || !isOfSameRun(event, next.event)) break
    }
    return end
  }

  /** What the application dispatches meanwhile is stepped behind it. */
  uninterrupted(act: () => void): void {
    if (this.stepping) return act()
    this.stepping = true
    act()
    this.stepInbox()
    this.stepping = false
  }
}
