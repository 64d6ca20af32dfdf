/**
 * The loop: event, step, commit, perform.
 *
 * A turn is all that the host's event loop had at hand. Its events are stepped as they come; what must be
 * durable and what can be seen are collected, across accounts. At the end of the turn the former is committed
 * as one batch, and when that is done the latter is performed: **durable before visible**. While a commit is
 * under way the next turns may run already; what they cause goes into the next batch, and what they make visible
 * waits behind, so that the order is kept.
 */
import {
  type Account,
  type Config,
  closeStream,
  connectionOf,
  dropConnection,
  type Effect,
  type Event,
  emptyAccount,
  type Instant,
  isBehindSettlements,
  isSameConfig,
  isVacant,
  type ReadKept,
  type ResumeReceived,
  release,
  type Session,
  type SessionBound,
  type Step,
  type StoreOffline,
  type StreamError,
  step,
} from '@smacks/core'
import { Accounts } from './accounts.js'
import type { Application } from './application.js'
import { Asking } from './asking.js'
import { changeOf } from './change-of.js'
import { createCommits } from './commits.js'
import { EndedSessions } from './ended-sessions.js'
import { Heartbeat } from './heartbeat.js'
import { KeptRows } from './kept-rows.js'
import {
  defaultPage,
  defaultSettlementPage,
  type Loaded,
  loadForStep,
  loadToSettle,
  type PageLimits,
  type Paging,
} from './loading.js'
import { perform } from './perform.js'
import {
  type AccountId,
  after,
  type Change,
  type ChangeRefused,
  type Clock,
  type EventBus,
  type Journal,
  type Timers,
  type Transport,
  type Turns,
} from './ports.js'
import { recoverAccounts } from './recover.js'
import { type Refusal, RefusedChanges } from './refused-changes.js'
import type { Answer, Asked, Question, RecoveryReport, Runtime } from './runtime.js'
import { ofRecords, ofStores, Settling } from './settling.js'
import { sizing } from './sizing.js'
import { Turn } from './turn.js'
import { WallClock } from './wall-clock.js'

export interface Ports<A> {
  readonly transport: Transport<A>
  readonly timers: Timers
  readonly turns: Turns
  readonly journal: Journal<A>
  readonly bus: EventBus<A>
  readonly clock: Clock
}

export interface RuntimeOptions<A> {
  readonly config: Config
  readonly ports: Ports<A>
  /** The accounts that there are already; none unless told. */
  readonly accounts?: Iterable<readonly [AccountId, Account<A>]>
  /**
   * How large a stanza is, in bytes as it is written. It is told with each stanza that is submitted, so that queues are
   * bounded by it; unless told all are 0, and queues and pages are bounded by numbers alone.
   */
  readonly sizeOf?: (stanza: A) => number
  /** How much of what is sent again after a resumption goes out at once; 64 stanzas and 128 KiB unless told. */
  readonly page?: PageLimits
  /** How much of what ended sessions leave in storage is settled at once; 256 stanzas and 512 KiB unless told. */
  readonly settlementPage?: PageLimits
  /**
   * About how large a batch gets, in bytes if `sizeOf` tells bytes; 4 MiB unless told. A turn whose changes are that large
   * ends at once, and turns that wait for a commit share a batch only within it. What one event brought about stays together,
   * so a batch may be larger by as much as that.
   */
  readonly batchLimit?: number
  /** Made once, with the runtime it will dispatch to. */
  readonly application: (runtime: Runtime<A>) => Application<A>
  /** Sees each step: for logs, metrics and recordings. It must not dispatch. */
  readonly observe?: (step: StepMade<A>) => void
  /** The application, an observer or a port threw where it must not, or the application is endless; the loop goes on. */
  readonly onFault: (error: unknown, where: string) => void
  /**
   * The journal refused a batch, for the `attempt`th time (from 1); it is tried again until it can be committed. What
   * it caused is not performed until then, and neither is anything after it: nothing is acked that is not durable. The
   * host had better take nothing in.
   */
  readonly onStall: (error: unknown, attempt: number) => void
  /** The journal works again. */
  readonly onRecovery: () => void
  /** A change of an account can never be committed; it is left out, with what that means for the account. */
  readonly onRefused?: (refusal: ChangeRefused, outcome: Refusal) => void
  /** The wall clock was set by so many milliseconds; the deadlines of sessions have moved with it. */
  readonly onClockStep?: (by: number) => void
}

/** One step of one account, as it was made. */
export interface StepMade<A> {
  readonly account: AccountId
  /** What the step was made of: whatever it needs of kept stanzas is here. */
  readonly before: Account<A>
  readonly event: Event<A>
  /** The account between steps: kept stanzas are released. */
  readonly after: Account<A>
  /** The options that it was made under; those of `ConfigChanged` if that is what happened. */
  readonly config: Config
  readonly effects: ReadonlyArray<Effect<A>>
}

/**
 * Steps made in one go. What an application dispatches beyond that waits for the next turn, so that one that never
 * comes to an end cannot keep all others from being heard. A broadcast to the largest roster stays far below.
 */
export const stepsAtOnce = 100_000

/** Snapshots taken in one turn, if the journal wants any. */
const snapshotsAtOnce = 32

/** Large enough to share the cost of a commit among many turns. */
const defaultBatchLimit = 4 * 1024 * 1024

export const createRuntime = <A>(options: RuntimeOptions<A>): Runtime<A> => {
  const { ports, observe } = options
  const { sessions: sessionJournal } = ports.journal
  const withStorage = (config: Config): Config => ({ ...config, queueStorage: sessionJournal !== undefined })
  /** In force for all accounts but those that have not been told yet. */
  let config = withStorage(options.config)
  let makeStep = step(config)
  const kept = sessionJournal === undefined ? undefined : new KeptRows<A>(sessionJournal)
  const { sizeOf = sizeless } = options
  const paging: Paging<A> = {
    page: options.page ?? defaultPage,
    settlementPage: options.settlementPage ?? defaultSettlementPage,
    sizeOf,
  }
  const withSizes = options.sizeOf === undefined ? asItIs : sizing(options.sizeOf)
  const batchLimit = options.batchLimit ?? defaultBatchLimit
  const wall = new WallClock(ports.clock)
  const settling = new Settling(ofStores)
  const recording = new Settling(ofRecords)
  /** What the application dispatched while a step was made. */
  const inbox: Array<{ readonly account: AccountId; readonly event: Event<A> }> = []
  let stepping = false
  /** What the step that is being made is to be told to. */
  let asked: Asking<A> | undefined
  let turn = new Turn(paging.sizeOf)
  /** Turns whose commit is under way or waits for another, oldest first. */
  const unconcluded: Array<Turn<A>> = []
  let turnEndIsDue = false
  let fullTurnEndIsDue = false
  let stopped: Promise<void> | undefined
  let stopping = false

  const dispatch = (account: AccountId, event: Event<A>): void => {
    if (stepping) inbox.push({ account, event })
    else stepNow(account, event)
  }

  const ask = (account: AccountId, event: Question, answer: Answer): Asked => {
    if (stepping) throw new Error(`${event._tag} came while a step was made, and whoever asks must be told at once.`)
    const asking = new Asking<A>(event.connection, answer)
    stepNow(account, event, asking)
    return asking.outcome
  }

  const stepNow = (account: AccountId, event: Event<A>, asking?: Asking<A>): void => {
    stepping = true
    asked = asking
    makeOneStep(account, event)
    asked = undefined
    stepInbox()
    settleEnded()
    stepping = false
    endTurnLater()
    if (turn.size >= batchLimit) endFullTurnSoon()
  }

  /** The application may dispatch more while this runs; it is stepped in its turn. */
  const stepInbox = (): void => {
    let next = 0
    for (; next < inbox.length && next < stepsAtOnce; next += 1) {
      const waiting = inbox[next]
      if (waiting !== undefined) makeOneStep(waiting.account, waiting.event)
    }
    if (next < inbox.length) tellFault(new Error(`more than ${stepsAtOnce} events came of one`), 'the application')
    if (next > 0) inbox.splice(0, next)
  }

  // A step

  const makeOneStep = (id: AccountId, told: Event<A>): void => {
    const dispatched = withSizes(told)
    const by = wall.stepBefore(dispatched.at)
    if (by !== 0) clockStepped(by)
    if (dispatched._tag === 'SessionBound' || dispatched._tag === 'ResumeReceived') {
      const refusal = refusalOf(id, dispatched)
      if (refusal !== undefined) return take(id, refusal)
    }
    if (isBehindSettlements(accounts.current(id), dispatched)) ended.finish(id)
    const before = accounts.isLoaded(id) ? accounts.current(id) : load(id)
    const own = dispatched._tag === 'ConfigChanged' ? dispatched.config : accounts.ownConfig(id)
    const loaded = readFor(id, before, reader => loadForStep(paging, own ?? config, before, dispatched, reader))
    if (loaded !== undefined) stepLoaded(id, before, own, loaded)
  }

  /** True if the account is another one after it. */
  const stepLoaded = (
    id: AccountId,
    before: Account<A>,
    own: Config | undefined,
    { account: whole, event }: Loaded<A>,
  ): boolean => {
    const [stepped, effects] = stepOf(own === undefined ? makeStep : step(own), whole, event)
    const after = stepped === whole ? before : release(stepped)
    if (after !== before) {
      if (sessionJournal !== undefined) journal(id, before, event)
      accounts.put(id, after)
      if (event._tag === 'ConfigChanged') accounts.setConfig(id, event.config === config ? undefined : event.config)
      if (isVacant(after)) turn.emptied.push(id)
      if (after.settlements !== undefined) ended.add(id)
    }
    if (observe !== undefined)
      attempt('observe', () => observe({ account: id, before: whole, event, after, config: own ?? config, effects }))
    for (const effect of effects) take(id, effect)
    return after !== before
  }

  /** What happened, behind what it met if a fold of what is journalled would not come to that. */
  const journal = (id: AccountId, before: Account<A>, event: Event<A>): void => {
    if (accounts.needsBeginning(id))
      turn.add({ _tag: 'Baseline', account: id, state: before, config: accounts.ownConfig(id) ?? config })
    turn.add({ _tag: 'EventLogged', account: id, event })
  }

  /** The event at hand is told the new time, so all sessions learn first that the clock was set. */
  const clockStepped = (by: number): void => {
    const at = ports.clock.now()
    for (const id of [...accounts.ids()])
      if (accounts.current(id).sessions.length > 0) makeOneStep(id, { _tag: 'ClockStepped', at, by })
    if (sessionJournal !== undefined) heartbeat.beat()
    attempt('onClockStep', () => options.onClockStep?.(by))
  }

  /** The core is total; were it not, the event would be void, and all others would go on. */
  const stepOf = (make: Step, before: Account<A>, event: Event<A>): readonly [Account<A>, ReadonlyArray<Effect<A>>] => {
    try {
      return make(before, event)
    } catch (error) {
      tellFault(error, `the step of ${event._tag}`)
      return [before, []]
    }
  }

  /** Reads what a step needs of what is kept in storage. An account that cannot be read is set aside. */
  const readFor = (
    id: AccountId,
    account: Account<A>,
    read: (reader: () => ReadKept<A>) => Loaded<A> | undefined,
  ): Loaded<A> | undefined => {
    try {
      return read(() => kept?.reader(id) ?? nothingKept)
    } catch (error) {
      tellFault(error, `reading the unacked stanzas of ${id}`)
      accounts.setAsideFor(id, String(error))
      for (const session of account.sessions) for (const effect of leave(session, setAside)) take(id, effect)
      return undefined
    }
  }

  /**
   * While the process stops, nobody would care for a session that begins now. One that is to be resumed is in the journal
   * and stays there: its client gets no answer and comes again.
   */
  const refusalOf = (id: AccountId, { _tag, connection }: SessionBound | ResumeReceived): Effect<A> | undefined => {
    const isSetAside = accounts.whySetAside(id) !== undefined
    if (!stopping && !isSetAside) return undefined
    return _tag === 'ResumeReceived'
      ? { _tag: 'DropConnection', connection }
      : { _tag: 'CloseConnection', connection, error: isSetAside ? setAside : { condition: 'system-shutdown' } }
  }

  const load = (id: AccountId): Account<A> => {
    // Its sessions are in the journal, and must stay there: nothing may be told of it.
    if (accounts.whySetAside(id) !== undefined) return emptyAccount
    const account = accounts.load(id)
    turn.emptied.push(id)
    return account
  }

  // What follows from it

  /** Stored effects join the batch, handed ones go to the application now, visible ones wait. */
  const take = (account: AccountId, decided: Effect<A>): void => {
    const effect = refused.insteadOf(decided)
    switch (effect._tag) {
      case 'StoreOffline':
        return store(account, effect)
      case 'RememberOldSession':
      case 'ForgetOldSession':
      case 'KeepUnacked':
      case 'ForgetKept':
        return change(changeOf(account, effect))
      case 'Deliver':
        return hand(effect._tag, () => application.deliver(account, effect.resource, effect.stanza))
      case 'ReturnToSender':
        return hand(effect._tag, () =>
          application.returnToSender(account, effect.resource, effect.stanza, effect.facts, effect.condition),
        )
      case 'Redeliver':
        return hand(effect._tag, () =>
          application.redeliver(account, effect.resource, effect.stanza, effect.facts, effect.submittedAt),
        )
      case 'EndSession':
        return hand(effect._tag, () => application.sessionEnded(account, effect.resource, effect.reason))
      case 'Discard':
        return
      case 'ArmTimer':
        turn.visible.push({ account, effect, due: wall.monotonicAt(effect.due) })
        return
      default:
        turn.visible.push(asked?.see(account, effect) ?? { account, effect })
    }
  }

  /** What cannot be asked about is stored. */
  const store = (account: AccountId, effect: StoreOffline<A>): void => {
    let isStored = true
    hand(effect._tag, () => {
      isStored = application.mayStoreOffline?.(account, effect.stanza, effect.facts) ?? true
    })
    if (isStored) change(changeOf(account, effect))
  }

  const hand = (what: string, handOver: () => void): void => {
    try {
      handOver()
    } catch (error) {
      tellFault(error, `the application, at ${what}`)
    }
  }

  const attempt = (what: string, act: () => void): void => {
    try {
      act()
    } catch (error) {
      tellFault(error, what)
    }
  }

  const tellFault = (error: unknown, where: string): void => {
    try {
      options.onFault(error, where)
    } catch {
      // The loop goes on; there is nobody left to tell.
    }
  }

  /** A message that is stored now must not come before those that an ended session leaves. */
  const changeOfApplication = (made: Change<A>): void => {
    if (made._tag === 'PutOffline') uninterrupted(() => ended.finish(made.account))
    change(made)
  }

  /** What the application dispatches meanwhile is stepped behind it. */
  const uninterrupted = (act: () => void): void => {
    if (stepping) return act()
    stepping = true
    act()
    stepInbox()
    stepping = false
  }

  const change = (made: Change<A>): void => {
    turn.add(made)
    settling.began(made)
    recording.began(made)
    if (made._tag === 'KeepUnacked') kept?.began(made)
    if (stepping) return
    endTurnLater()
    if (turn.size >= batchLimit) endFullTurnSoon()
  }

  // A turn

  const endTurnLater = (): void => {
    if (turnEndIsDue) return
    turnEndIsDue = true
    ports.turns.atEnd(endTurn)
  }

  /**
   * A batch that grew large is committed before more input is taken: not here, since whoever dispatches may have more to
   * say that belongs to it, but as soon as that is done.
   */
  const endFullTurnSoon = (): void => {
    if (fullTurnEndIsDue) return
    fullTurnEndIsDue = true
    void Promise.resolve().then(() => {
      fullTurnEndIsDue = false
      endFullTurn()
    })
  }

  /** What an endless application still has to say waits for the next turn of the host. */
  const endFullTurn = (): void => {
    if (turn.size >= batchLimit && inbox.length === 0) endTurn()
  }

  const endTurn = (): void => {
    if (ended.isAnyLeft()) uninterrupted(settleEnded)
    turnEndIsDue = false
    wall.turnEnded()
    takeSnapshots()
    const done = turn
    turn = new Turn(paging.sizeOf)
    unconcluded.push(done)
    commits.commit({ changes: done.changes, size: done.size, conclude: () => conclude(done) })
    if (inbox.length > 0) resumeInbox()
  }

  /** What follows from it goes into the batch that takes the place of the refused one. */
  const refuse = (refusal: ChangeRefused): ((made: Change<A>) => boolean) => {
    const outcome = refused.refuse(refusal)
    hand('changeRefused', () => application.changeRefused?.(refusal.account))
    attempt('onRefused', () => options.onRefused?.(refusal, outcome))
    endTurn()
    return made => refused.isLeft(made)
  }

  const snapshotOf = (account: AccountId): Change<A> | undefined => {
    if (sessionJournal === undefined) return undefined
    const state = accounts.current(account)
    const snapshot: Change<A> = { _tag: 'PutSnapshot', account, state, config: accounts.ownConfig(account) ?? config }
    turn.add(snapshot)
    accounts.forgotten(account)
    return snapshot
  }

  /** A batch that is written anyway takes along what lets the journal free space. */
  const takeSnapshots = (): void => {
    if (sessionJournal === undefined || turn.changes.length === 0) return
    // One at a time, since each may be large; but never none, or the journal would grow without end.
    for (let taken = 0; taken < snapshotsAtOnce && (taken === 0 || turn.size < batchLimit); taken += 1) {
      const [account] = sessionJournal.wanted(1)
      if (account === undefined) return
      const state = accounts.journalled(account)
      if (state === undefined) continue
      turn.add({ _tag: 'PutSnapshot', account, state, config: accounts.ownConfig(account) ?? config })
      accounts.forgotten(account)
    }
  }

  const conclude = (done: Turn<A>): void => {
    unconcluded.shift()
    for (const visible of done.visible) {
      try {
        show(visible)
      } catch (error) {
        tellFault(error, `performing ${visible.effect._tag}`)
      }
    }
    attempt('flushing the transport', ports.transport.flush)
    noteDurable(done.changes, done.emptied)
  }

  const noteDurable = (changes: ReadonlyArray<Change<A>>, emptied: ReadonlyArray<AccountId>): void => {
    if (kept !== undefined) for (const made of changes) if (made._tag === 'KeepUnacked') kept.ended(made)
    refused.ended(changes)
    const waited = [...settling.ended(changes), ...recording.ended(changes)]
    for (const account of emptied) forgetIfIdle(account)
    for (const { account } of changes) forgetIfIdle(account)
    for (const callback of waited) hand('whenSettled', callback)
  }

  // What ended sessions leave

  const settleEnded = (): void => {
    if (inbox.length === 0) ended.goOn()
  }

  /** The next page of what is left, as an event of its own. */
  const settlePage = (id: AccountId): boolean => {
    const before = accounts.current(id)
    const own = accounts.ownConfig(id)
    const at = ports.clock.now()
    const loaded = readFor(id, before, reader => loadToSettle(paging, own ?? config, before, at, reader))
    return loaded !== undefined && stepLoaded(id, before, own, loaded)
  }

  /** What is to be seen waits for the end of the turn: whoever dispatches must not be interrupted by it. */
  const commitPage = (concluded: () => void): void => {
    const page = turn
    turn = new Turn(paging.sizeOf)
    turn.visible = page.visible
    turn.emptied.push(...page.emptied)
    page.visible = []
    unconcluded.push(page)
    commits.commit({
      changes: page.changes,
      size: page.size,
      conclude: () => {
        unconcluded.shift()
        noteDurable(page.changes, [])
        concluded()
      },
    })
  }

  const resumeInbox = (): void => {
    uninterrupted(() => {})
    endTurnLater()
  }

  const forgetIfIdle = (id: AccountId): void => {
    if (settling.isSettled(id)) accounts.forgetIfIdle(id)
  }

  // The beginning and the end

  const recover = (onProgress: (entries: number) => void = () => {}): RecoveryReport => {
    if (sessionJournal === undefined) return { sessions: 0, events: 0, undecodable: new Map(), reconfigured: 0 }
    const { accounts: recovered, events, undecodable, lastEvents } = recoverAccounts(config, sessionJournal, onProgress)
    for (const [id, reason] of undecodable) accounts.setAsideFor(id, reason)
    const lastBeat = lastHeartbeat()
    let sessions = 0
    const changed: Array<AccountId> = []
    for (const [id, { state, config: own, isConfigJournalled }] of recovered) {
      sessions += state.sessions.length
      accounts.begin(id, state, isConfigJournalled)
      if (state.settlements !== undefined) ended.add(id)
      if (isInForce(own)) continue
      accounts.setConfig(id, own)
      changed.push(id)
    }
    for (const id of recovered.keys()) {
      const at = ports.clock.now()
      const lastEvent = lastEvents.get(id)
      const lastAlive = lastBeat === undefined ? {} : { lastAlive: Math.max(lastBeat, lastEvent ?? lastBeat) }
      dispatch(id, { _tag: 'ServerRestarted', at, ...lastAlive })
      endFullTurn()
    }
    heartbeat.beat()
    heartbeat.start()
    for (const id of changed) tellConfig(id)
    return { sessions, events, undecodable, reconfigured: changed.length }
  }

  /** Many accounts share few objects. */
  const isInForce = (own: Config): boolean => isSameConfig(own, config)

  const tellConfig = (id: AccountId): void => dispatch(id, { _tag: 'ConfigChanged', at: ports.clock.now(), config })

  const reconfigure = (next: Config): void => {
    const before = config
    if (isInForce(withStorage(next))) return
    config = withStorage(next)
    makeStep = step(config)
    const loaded = [...accounts.ids()]
    // Of an account without sessions, the next that is journalled begins with the new options.
    for (const id of loaded)
      if (isVacant(accounts.current(id))) accounts.forgotten(id)
      else if (accounts.ownConfig(id) === undefined) accounts.setConfig(id, before)
    for (const id of loaded) {
      if (accounts.ownConfig(id) !== undefined) tellConfig(id)
      endFullTurn()
    }
  }

  const endAccount = (id: AccountId, error?: StreamError): void => {
    if (isVacant(accounts.current(id))) return
    const at = ports.clock.now()
    // Whoever has the name next must not find what was meant for this one.
    dispatch(id, {
      _tag: 'ConfigChanged',
      at,
      config: { ...(accounts.ownConfig(id) ?? config), offlineStorage: false },
    })
    if (error !== undefined) refuseStreams(id, error)
    for (const { resource } of accounts.current(id).sessions) dispatch(id, { _tag: 'CloseRequested', at, resource })
  }

  const refuseStreams = (id: AccountId, error: StreamError): void => {
    const at = ports.clock.now()
    for (const session of accounts.current(id).sessions) {
      const { resource } = session
      const connection = connectionOf(session)
      if (connection !== undefined) dispatch(id, { _tag: 'StreamRefused', at, resource, connection, error })
    }
  }

  const lastHeartbeat = (): Instant | undefined => {
    try {
      return heartbeat.last()
    } catch (error) {
      tellFault(error, 'reading the last heartbeat')
      return undefined
    }
  }

  const committed = async (): Promise<void> => {
    // Whoever asks may be in the middle of a step.
    await Promise.resolve()
    do {
      endTurn()
      await commits.underWay()
    } while (commits.failure() === undefined && (turnEndIsDue || commits.underWay() !== undefined))
    const failure = commits.failure()
    if (failure !== undefined) throw failure.error
  }

  const stop = (): Promise<void> => {
    stopped ??= endAll()
    return stopped
  }

  const endAll = async (): Promise<void> => {
    // Whoever asks may be in the middle of a step, or of performing one.
    await Promise.resolve()
    stopping = true
    commits.insistNoMore()
    for (const account of [...accounts.ids()]) {
      dispatch(account, {
        _tag: 'ServerStopping',
        at: ports.clock.now(),
        ...(sessionJournal === undefined ? {} : { journalled: true }),
      })
      endFullTurn()
    }
    if (sessionJournal !== undefined && accounts.someHibernates()) heartbeat.beat()
    try {
      await committed()
    } finally {
      ports.timers.stop()
    }
  }

  const runtime: Runtime<A> = {
    dispatch,
    ask,
    change: changeOfApplication,
    recover,
    reconfigure,
    endAccount,
    refuseStreams,
    whySetAside: account => accounts.whySetAside(account),
    stop,
    hold: id => accounts.hold(id, () => forgetIfIdle(id)),
    account: id => accounts.current(id),
    accounts: () => accounts.ids(),
    isSettled: account => settling.isSettled(account),
    whenSettled: (account, callback) => settling.await(account, callback),
    whenRecorded: (account, callback) => recording.await(account, callback),
    committed,
  }
  const accounts = new Accounts<A>(ports.journal, tellFault)
  for (const [id, account] of options.accounts ?? []) accounts.begin(id, account, false)
  const commits = createCommits<A>(ports.journal, {
    limit: batchLimit,
    later: (milliseconds, callback) => ports.timers.arm(retryKey, after(ports.clock, milliseconds), callback),
    onStall: (error, count) => attempt('onStall', () => options.onStall(error, count)),
    onRecovery: () => attempt('onRecovery', options.onRecovery),
    onRefused: refuse,
  })
  const refused = new RefusedChanges<A>({
    turns: () => [...unconcluded, turn],
    account: id => accounts.current(id),
    dispatch,
    settleAll: id => uninterrupted(() => ended.finish(id)),
    farewell: session => leave(session, unstorable),
    take,
    snapshot: snapshotOf,
    returnToSender: (id, resource, { stanza, facts }) =>
      hand('ReturnToSender', () => application.returnToSender(id, resource, stanza, facts)),
    isSetAside: id => accounts.whySetAside(id) !== undefined,
    setAsideFor: (id, reason) => accounts.setAsideFor(id, reason),
    now: ports.clock.now,
  })
  const heartbeat = new Heartbeat({
    journal: ports.journal,
    timers: ports.timers,
    clock: ports.clock,
    isNeeded: () => accounts.someHibernates(),
    change,
  })
  const ended = new EndedSessions({
    settlePage,
    isLeft: id => accounts.current(id).settlements !== undefined,
    stepInbox: () => {
      stepInbox()
      return inbox.length === 0
    },
    commit: commitPage,
    later: endTurnLater,
  })
  const show = perform<A>(ports, dispatch)
  const application = options.application(runtime)
  return runtime
}

/**
 * The session's account cannot be read any more, and what of it is in the journal waits until somebody mends that; or it
 * cannot be written, and the session is over. A client that can resume comes again, and learns it then.
 */
const leave = <A>(session: Session<A>, error: StreamError): ReadonlyArray<Effect<A>> =>
  session._tag === 'Resuming' || (session._tag === 'Active' && session.resumption._tag === 'Some')
    ? dropConnection(session)
    : closeStream(session, error)

/** What a client is told of whose account something cannot be stored. */
const unstorable: StreamError = {
  condition: 'internal-server-error',
  text: 'Something of your session cannot be stored. What waited for you is in your offline messages, or was returned.',
}

/** What a client is told whose account cannot be read. */
const setAside: StreamError = {
  condition: 'internal-server-error',
  text: 'Your stored sessions cannot be read; an administrator must mend them.',
}

const sizeless = (): number => 0

const asItIs = <E>(event: E): E => event

/** Without a journal of sessions nothing is kept. */
const nothingKept = (): ReadonlyArray<never> => []

/** The timer of the next attempt to commit; no account has this name. */
const retryKey = '\nretry'
