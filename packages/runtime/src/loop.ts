/**
 * The loop: event, step, commit, perform.
 *
 * A turn is all that the host's event loop had at hand. What becomes of an event, and which file does it:
 *
 * 1. **Take in** (`intake.ts`). `dispatch` takes an event. If a step is being made, the event waits until that is done.
 * 2. **Load** (`loading.ts`, `pending-spills.ts`). What the step needs of unacked stanzas that lie in storage is read, a page of
 *    them where there are many.
 * 3. **Step** (`stepping.ts`). The core decides what the account is now (`accounts.ts`) and which effects follow. Where the
 *    journal keeps sessions, the event becomes a change of the turn's batch.
 * 4. **Sort the effects** (`effects.ts`). *Stored* ones become changes of the batch (`changes.ts`). *Handed* ones go to the
 *    application now, and what it dispatches in answer is stepped in the same turn. *Visible* ones wait.
 * 5. **Commit** (`turn-cycle.ts`, `commits.ts`). At the end of the turn the changes of all accounts go to the journal as one
 *    batch; snapshots (`snapshots.ts`) join it, and what ended sessions leave is settled page by page (`ended-sessions.ts`).
 *    While a commit is under way the next turns may run already; their changes go into the next batch.
 * 6. **Perform** (`perform.ts`). When the batch is durable, and not before, what can be seen is done, in the order in which
 *    it was decided: **durable before visible**. A batch that the journal can never take is seen to in `refused-changes.ts`.
 *
 * Before all that `recovery.ts` brings back what the journal has; behind it `stopping.ts` ends it. `administration.ts` is what
 * an operator does meanwhile. This file connects these pieces and decides nothing.
 */
import { Accounts } from './accounts.js'
import { Administration } from './administration.js'
import type { Application } from './application.js'
import { Changes } from './changes.js'
import { closingEffects, unstorable } from './closing-effects.js'
import { Commits } from './commits.js'
import { ConfigInForce } from './config-in-force.js'
import { Effects } from './effects.js'
import { EndedSessions } from './ended-sessions.js'
import { Guard } from './guard.js'
import { Heartbeat } from './heartbeat.js'
import { Intake } from './intake.js'
import { defaultPage, defaultSettlementPage, type Paging } from './loading.js'
import type { RuntimeOptions } from './options.js'
import { PendingSpills } from './pending-spills.js'
import { perform } from './perform.js'
import { after, type Change, type ChangeRefused } from './ports.js'
import { recover } from './recovery.js'
import { RefusedChanges } from './refused-changes.js'
import type { RecoveryReport, Runtime } from './runtime.js'
import { sizing } from './sizing.js'
import { Snapshots } from './snapshots.js'
import { Stepping } from './stepping.js'
import { Stopping } from './stopping.js'
import type { Visible } from './turn.js'
import { TurnCycle } from './turn-cycle.js'
import { WallClock } from './wall-clock.js'

/** Large enough to share the cost of a commit among many turns. */
const defaultBatchLimit = 4 * 1024 * 1024

/** Many enough to share the cost of a commit among them, few enough that none waits long for the last. */
const defaultVisibleLimit = 64

/**
 * A runtime without sessions; `recover` brings back those of the journal.
 * Throws what `options.application` throws.
 */
export const createRuntime = <A>(options: RuntimeOptions<A>): Runtime<A> => new Loop(options).runtime

/** The pieces, each made with what it needs of the others; these are reached when something happens, so the order is free. */
class Loop<A> {
  readonly runtime: Runtime<A>
  private readonly batchLimit: number
  private readonly paging: Paging<A>
  private readonly guard: Guard
  private readonly inForce: ConfigInForce
  private readonly accounts: Accounts<A>
  private readonly kept: PendingSpills<A> | undefined
  private readonly wall: WallClock
  private readonly intake: Intake<A>
  private readonly cycle: TurnCycle<A>
  private readonly snapshots: Snapshots<A>
  private readonly changes: Changes<A>
  private readonly heartbeat: Heartbeat
  private readonly effects: Effects<A>
  private readonly stepping: Stepping<A>
  private readonly ended: EndedSessions
  private readonly commits: Commits<A>
  private readonly refused: RefusedChanges<A>
  private readonly administration: Administration<A>
  private readonly stopping: Stopping<A>
  private readonly application: Application<A>
  private isRecovered = false

  constructor(private readonly options: RuntimeOptions<A>) {
    const { sessions } = options.ports.journal
    this.batchLimit = options.batchLimit ?? defaultBatchLimit
    this.paging = {
      page: options.page ?? defaultPage,
      settlementPage: options.settlementPage ?? defaultSettlementPage,
      sizeOf: options.sizeOf ?? sizeless,
    }
    this.guard = new Guard(options.onFault)
    this.inForce = new ConfigInForce(options.config, sessions !== undefined)
    this.accounts = new Accounts(options.ports.journal, this.guard.report)
    this.kept = sessions === undefined ? undefined : new PendingSpills(sessions)
    this.wall = new WallClock(options.ports.clock)
    this.intake = this.createIntake()
    this.cycle = this.createCycle()
    this.snapshots = new Snapshots({
      ...this.state(),
      journal: sessions,
      cycle: this.cycle,
      batchLimit: this.batchLimit,
    })
    this.changes = this.createChanges()
    this.heartbeat = this.createHeartbeat()
    this.effects = this.createEffects()
    this.stepping = this.createStepping()
    this.ended = this.createEnded()
    this.commits = this.createCommits()
    this.refused = this.createRefused()
    this.administration = new Administration({ ...this.state(), endIfFull: () => this.cycle.endIfFull() })
    this.stopping = this.createStopping()
    for (const [id, account] of options.accounts ?? []) this.accounts.begin(id, account, false)
    this.runtime = this.createInterface()
    this.application = options.application(this.runtime)
  }

  /** What most pieces need. */
  private state() {
    const { accounts, guard, inForce, options } = this
    return { accounts, guard, inForce, clock: options.ports.clock, dispatch: this.intake.dispatch }
  }

  private createInterface(): Runtime<A> {
    const { accounts, administration, changes, intake, stopping } = this
    return {
      dispatch: intake.dispatch,
      ask: intake.ask,
      change: made => {
        // A message that is stored now must not come before those that an ended session leaves.
        if (made._tag === 'PutOffline') intake.uninterrupted(() => this.ended.finish(made.account))
        changes.add(made)
      },
      recover: (onProgress = () => {}) => this.recover(onProgress),
      reconfigure: administration.reconfigure,
      endAccount: administration.endAccount,
      endSessions: administration.endSessions,
      whySetAside: account => accounts.whySetAside(account),
      stop: stopping.stop,
      hold: id => accounts.hold(id, () => changes.forgetIfIdle(id)),
      account: id => accounts.current(id),
      accounts: () => accounts.ids(),
      isSettled: account => changes.ofStores.isSettled(account),
      whenSettled: (account, callback) => changes.ofStores.await(account, callback),
      whenRecorded: (account, callback) => changes.ofRecords.await(account, callback),
      committed: stopping.committed,
    }
  }

  private recover(onProgress: (entries: number) => void): RecoveryReport {
    const { administration, application, cycle, ended, heartbeat, options } = this
    if (this.isRecovered) throw new Error('what was stored is brought back once, and it was already')
    this.isRecovered = true
    return recover(
      {
        ...this.state(),
        journal: options.ports.journal.sessions,
        ended,
        heartbeat,
        endIfFull: () => cycle.endIfFull(),
        reconfigureAccount: administration.reconfigureAccount,
        endAccount: id => administration.endAccount(id),
        steps: application.recovery,
      },
      onProgress,
    )
  }

  // Taking in and stepping

  private createIntake(): Intake<A> {
    return new Intake({
      step: (id, event) => this.stepping.step(id, event),
      settle: () => this.settleEnded(),
      done: () => this.cycle.touched(),
      onEndless: error => this.guard.report(error, 'the application'),
    })
  }

  private createStepping(): Stepping<A> {
    const { cycle, effects, guard, heartbeat, kept, options, paging, wall } = this
    return new Stepping({
      ...this.state(),
      paging,
      withSizes: options.sizeOf === undefined ? asItIs : sizing(options.sizeOf),
      kept,
      wall,
      cycle,
      observe: options.observe,
      onIgnored: options.onIgnored,
      take: effects.take,
      isStopping: () => this.stopping.isUnderWay,
      onClockStep: by => {
        if (kept !== undefined) heartbeat.beat()
        guard.attempt('onClockStep', () => options.onClockStep?.(by))
      },
      ended: () => this.ended,
    })
  }

  private createEffects(): Effects<A> {
    const { changes, cycle, guard, intake, wall } = this
    return new Effects({
      cycle,
      asked: () => intake.asked,
      guard,
      wall,
      change: changes.add,
      refused: () => this.refused,
      application: () => this.application,
    })
  }

  private createHeartbeat(): Heartbeat {
    const { accounts, changes, options } = this
    const { clock, journal, timers } = options.ports
    return new Heartbeat({ journal, timers, clock, isNeeded: () => accounts.someHibernates(), change: changes.add })
  }

  private createEnded(): EndedSessions {
    const { accounts, cycle, intake, stepping } = this
    return new EndedSessions({
      settlePage: id => stepping.settlePage(id),
      isLeft: id => accounts.current(id).settlements !== undefined,
      stepInbox: () => {
        intake.stepInbox()
        return intake.isEmpty
      },
      commit: concluded => cycle.commitPage(concluded),
      later: () => cycle.endLater(),
    })
  }

  private settleEnded(): void {
    if (this.ended.isAnyLeft() && this.intake.isEmpty) this.ended.settleNext()
  }

  // Committing and performing

  private createCycle(): TurnCycle<A> {
    const { batchLimit, intake, options, paging } = this
    const { visibleLimit = defaultVisibleLimit } = options
    const show = perform(options.ports, intake.dispatch)
    return new TurnCycle({
      sizeOf: paging.sizeOf,
      batchLimit,
      visibleLimit,
      turns: options.ports.turns,
      isInboxEmpty: () => intake.isEmpty,
      ending: () => {
        if (this.ended.isAnyLeft()) intake.uninterrupted(() => this.settleEnded())
        this.wall.turnEnded()
        this.snapshots.addWanted()
      },
      resume: () => {
        intake.uninterrupted(() => {})
        this.cycle.endLater()
      },
      commit: made => this.commits.commit(made),
      perform: visible => this.performAll(visible, show),
      durable: (changes, emptied) => this.changes.durable(changes, emptied),
    })
  }

  private performAll(visible: ReadonlyArray<Visible<A>>, show: (one: Visible<A>) => void): void {
    for (const one of visible)
      try {
        show(one)
      } catch (error) {
        this.guard.report(error, `performing ${one.effect._tag}`)
      }
    this.guard.attempt('flushing the transport', this.options.ports.transport.flush)
  }

  private createChanges(): Changes<A> {
    const { accounts, cycle, guard, intake, kept } = this
    return new Changes({
      accounts,
      cycle,
      kept,
      guard,
      refused: () => this.refused,
      isStepping: () => intake.isStepping,
    })
  }

  private createCommits(): Commits<A> {
    const { batchLimit, guard, options } = this
    const { clock, journal, timers } = options.ports
    return new Commits(journal, {
      limit: batchLimit,
      later: (milliseconds, callback) => timers.arm(retryKey, after(clock, milliseconds), callback),
      onStall: (error, count) => guard.attempt('onStall', () => options.onStall(error, count)),
      onRecovery: () => guard.attempt('onRecovery', options.onRecovery),
      onRefused: refusal => this.refuse(refusal),
    })
  }

  /** What follows from it goes into the batch that takes the place of the refused one. */
  private refuse(refusal: ChangeRefused): (made: Change<A>) => boolean {
    const { application, cycle, guard, options, refused } = this
    const outcome = refused.refuse(refusal)
    guard.hand('changeRefused', () => application.changeRefused?.(refusal.account))
    guard.attempt('onRefused', () => options.onRefused?.(refusal, outcome))
    cycle.end()
    return made => refused.isLeft(made)
  }

  private createRefused(): RefusedChanges<A> {
    const { accounts, cycle, effects, ended, guard, intake, options, snapshots } = this
    return new RefusedChanges({
      turns: () => cycle.all(),
      account: id => accounts.current(id),
      dispatch: intake.dispatch,
      settleAll: id => intake.uninterrupted(() => ended.finish(id)),
      closingEffects: session => closingEffects(session, unstorable),
      take: effects.take,
      snapshot: id => snapshots.add(id),
      returnToSender: (id, resource, { stanza, facts }) =>
        guard.hand('ReturnToSender', () => this.application.returnToSender(id, resource, stanza, facts)),
      isSetAside: id => accounts.whySetAside(id) !== undefined,
      setAsideFor: (id, reason) => accounts.setAsideFor(id, reason),
      now: options.ports.clock.now,
    })
  }

  private createStopping(): Stopping<A> {
    const { commits, cycle, heartbeat, kept, options } = this
    const areSessionsJournalled = kept !== undefined
    return new Stopping({
      ...this.state(),
      commits,
      cycle,
      heartbeat,
      timers: options.ports.timers,
      areSessionsJournalled,
    })
  }
}

const sizeless = (): number => 0

const asItIs = <E>(event: E): E => event

/** The timer of the next attempt to commit; no account has this name. */
const retryKey = '\nretry'
