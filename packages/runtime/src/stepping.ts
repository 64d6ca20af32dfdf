/**
 * Makes steps: reads what a step needs of storage, lets the core decide, journals the event, keeps the account that comes of
 * it and takes what was decided.
 */

import type { AccountStep, Effect, ReadSpilled, ResumeReceived, Run, SessionBound, Step, StepRun } from '@smacks/core'
import {
  type Account,
  type Config,
  type Event,
  emptyAccount,
  isBehindSettlements,
  isVacant,
  unload,
} from '@smacks/core'
import type { AccountId } from './account-id.js'
import type { Accounts } from './accounts.js'
import { closingEffects, setAside } from './closing-effects.js'
import type { ConfigInForce } from './config-in-force.js'
import type { EndedSessions } from './ended-sessions.js'
import type { Guard } from './guard.js'
import { type Loaded, loadForStep, loadToSettle, needsStorage, type Paging } from './loading.js'
import type { RuntimeOptions, StepMade } from './options.js'
import type { PendingSpills } from './pending-spills.js'
import type { Clock } from './ports.js'
import type { TurnCycle } from './turn-cycle.js'
import type { WallClock } from './wall-clock.js'

export interface SteppingOptions<A> {
  readonly accounts: Accounts<A>
  readonly inForce: ConfigInForce
  readonly paging: Paging<A>
  /** Adds to an event how large its stanzas are. */
  readonly withSizes: (event: Event<A>) => Event<A>
  /** Absent if the journal keeps no sessions. */
  readonly kept: PendingSpills<A> | undefined
  readonly clock: Clock
  readonly wall: WallClock
  readonly cycle: TurnCycle<A>
  readonly guard: Guard
  readonly observe: ((step: StepMade<A>) => void) | undefined
  readonly observes: (account: AccountId) => boolean
  readonly onIgnored: RuntimeOptions<A>['onIgnored'] | undefined
  readonly take: (account: AccountId, effect: Effect<A>) => void
  readonly isStopping: () => boolean
  /** All sessions have moved their deadlines by so many milliseconds. */
  readonly onClockStep: (by: number) => void
  /** It comes later than this. */
  readonly ended: () => EndedSessions
}

export class Stepping<A> {
  constructor(private readonly options: SteppingOptions<A>) {}

  /** One event, of one account. */
  readonly step = (id: AccountId, dispatched: Event<A>): void => {
    const { accounts, inForce, take, wall, withSizes } = this.options
    const sized = withSizes(dispatched)
    const by = wall.stepBefore(sized.at)
    if (by !== 0) this.clockStepped(by)
    if (sized._tag === 'SessionBound' || sized._tag === 'ResumeReceived') {
      const refusal = this.refusalOf(id, sized)
      if (refusal !== undefined) return take(id, refusal)
    }
    const before = this.accountFor(id, sized)
    const own = sized._tag === 'ConfigChanged' ? sized.config : accounts.ownConfig(id)
    if (needsStorage(own ?? inForce.config, before, sized)) this.stepWithStorage(id, before, own, sized)
    else this.stepLoaded(id, before, own, before, sized)
  }

  /** A run of events, of one account. */
  readonly stepAll = (id: AccountId, run: Run<A>): void => {
    const by = this.options.wall.stepBefore(run[0]?.at ?? 0)
    if (by !== 0) this.clockStepped(by)
    if (!this.stepRun(id, run)) for (const event of run) this.step(id, event)
  }

  /** Makes the steps of a run as one, if that comes to the same; else nothing is made. */
  private stepRun(id: AccountId, run: Run<A>): boolean {
    const { accounts, inForce, take, wall } = this.options
    const before = accounts.find(id)
    // Whoever observes steps sees each of them.
    if (this.isObserved(id) || before === undefined || before.settlements !== undefined) return false
    if (accounts.ownConfig(id) !== undefined || !run.every(({ at }) => wall.isKnownAt(at))) return false
    const sized = run.map(this.options.withSizes) as unknown as Run<A>
    const made = this.decideRun(inForce.stepRun, before, sized)
    if (made === undefined) return false
    const [after, effects] = made
    for (const event of sized) this.journal(id, before, event)
    accounts.put(id, after)
    for (const effect of effects) take(id, effect)
    return true
  }

  private isObserved(id: AccountId): boolean {
    const { observe, observes } = this.options
    return observe !== undefined && observes(id)
  }

  /** Were the core not total, the events of the run would be stepped one by one. */
  private decideRun(make: StepRun, before: Account<A>, run: Run<A>): AccountStep<A> | undefined {
    try {
      return make(before, run)
    } catch (error) {
      this.options.guard.report(error, 'the step of a run')
      return undefined
    }
  }

  /** The account as the event meets it. */
  private accountFor(id: AccountId, event: Event<A>): Account<A> {
    const { accounts, ended } = this.options
    const known = accounts.find(id)
    if (known === undefined) return this.load(id)
    if (known.settlements === undefined || !isBehindSettlements(known, event)) return known
    ended().finish(id)
    return accounts.find(id) ?? this.load(id)
  }

  private stepWithStorage(id: AccountId, before: Account<A>, own: Config | undefined, event: Event<A>): void {
    const { inForce, paging } = this.options
    const loaded = this.readFor(id, before, reader => loadForStep(paging, own ?? inForce.config, before, event, reader))
    if (loaded !== undefined) this.stepLoaded(id, before, own, loaded.account, loaded.event)
  }

  /**
   * The step of the next page of what ended sessions leave in storage, as an event of its own. False if there is none, or if
   * it cannot be made.
   */
  settlePage(id: AccountId): boolean {
    const { accounts, clock, inForce, paging } = this.options
    const before = accounts.current(id)
    const own = accounts.ownConfig(id)
    const at = clock.now()
    const loaded = this.readFor(id, before, reader => loadToSettle(paging, own ?? inForce.config, before, at, reader))
    return loaded !== undefined && this.stepLoaded(id, before, own, loaded.account, loaded.event)
  }

  /** Makes the step of an event of which `whole` is the account, with what it needs of storage. True if `before` is another one after it. */
  private stepLoaded(
    id: AccountId,
    before: Account<A>,
    own: Config | undefined,
    whole: Account<A>,
    event: Event<A>,
  ): boolean {
    const { guard, inForce, observe, onIgnored, take } = this.options
    const [stepped, effects, ignored] = this.decide(own === undefined ? inForce.step : inForce.under(own), whole, event)
    const after = stepped === whole ? before : unload(stepped)
    if (after !== before) this.keep(id, before, event, after)
    if (observe !== undefined && this.isObserved(id))
      this.tell(observe, { account: id, before: whole, event, after, config: own ?? inForce.config, effects, ignored })
    if (ignored !== undefined && onIgnored !== undefined)
      guard.attempt('onIgnored', () => onIgnored(id, event, ignored))
    for (const effect of effects) take(id, effect)
    return after !== before
  }

  private tell(observe: (step: StepMade<A>) => void, made: StepMade<A>): void {
    try {
      observe(made)
    } catch (error) {
      this.options.guard.report(error, 'observe')
    }
  }

  /** The core is total; were it not, the event would be void, and all others would go on. */
  private decide(make: Step, before: Account<A>, event: Event<A>): AccountStep<A> {
    try {
      return make(before, event)
    } catch (error) {
      this.options.guard.report(error, `the step of ${event._tag}`)
      return [before, []]
    }
  }

  /** The event is journalled and the account is what came of it. */
  private keep(id: AccountId, before: Account<A>, event: Event<A>, after: Account<A>): void {
    const { accounts, cycle, ended, inForce } = this.options
    this.journal(id, before, event)
    accounts.put(id, after)
    if (event._tag === 'ConfigChanged')
      accounts.setConfig(id, event.config === inForce.config ? undefined : event.config)
    if (isVacant(after)) cycle.turn.emptied.push(id)
    if (after.settlements !== undefined) ended().add(id)
  }

  /** The event, behind what it met if a fold of what is journalled would not come to that. */
  private journal(id: AccountId, before: Account<A>, event: Event<A>): void {
    const { accounts, cycle, inForce, kept } = this.options
    if (kept === undefined) return
    if (accounts.needsBeginning(id))
      cycle.turn.add({
        _tag: 'Baseline',
        account: id,
        state: before,
        config: accounts.ownConfig(id) ?? inForce.config,
      })
    cycle.turn.add({ _tag: 'EventLogged', account: id, event })
  }

  /** The event at hand has the new time, so all sessions learn first that the clock was set. */
  private clockStepped(by: number): void {
    const { accounts, clock, onClockStep } = this.options
    const at = clock.now()
    for (const id of [...accounts.ids()])
      if (accounts.current(id).sessions.length > 0) this.step(id, { _tag: 'ClockStepped', at, by })
    onClockStep(by)
  }

  /**
   * While the process stops, nobody would care for a session that begins now. One that is to be resumed is in the journal
   * and stays there: its client gets no answer and comes again.
   */
  private refusalOf(id: AccountId, { _tag, connection }: SessionBound | ResumeReceived): Effect<A> | undefined {
    const { accounts, isStopping } = this.options
    const isSetAside = accounts.whySetAside(id) !== undefined
    if (!isStopping() && !isSetAside) return undefined
    return _tag === 'ResumeReceived'
      ? { _tag: 'DropConnection', connection }
      : { _tag: 'CloseConnection', connection, error: isSetAside ? setAside : { condition: 'system-shutdown' } }
  }

  private load(id: AccountId): Account<A> {
    const { accounts, cycle } = this.options
    // Its sessions are in the journal, and must stay there: nothing may be said of it.
    if (accounts.whySetAside(id) !== undefined) return emptyAccount
    const account = accounts.load(id)
    cycle.turn.emptied.push(id)
    return account
  }

  /** Reads what a step needs of what is kept in storage. An account that cannot be read is set aside. */
  private readFor(
    id: AccountId,
    account: Account<A>,
    read: (reader: () => ReadSpilled<A>) => Loaded<A> | undefined,
  ): Loaded<A> | undefined {
    const { accounts, guard, kept, take } = this.options
    try {
      return read(() => kept?.reader(id) ?? nothingKept)
    } catch (error) {
      guard.report(error, `reading the unacked stanzas of ${id}`)
      accounts.setAsideFor(id, String(error))
      for (const session of account.sessions) for (const effect of closingEffects(session, setAside)) take(id, effect)
      return undefined
    }
  }
}

/** Without a journal of sessions nothing is kept. */
const nothingKept = (): ReadonlyArray<never> => []
