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
  type Effect,
  type Event,
  emptyAccount,
  type OldSession,
  type SessionBound,
  step,
} from '@smacks/core'
import type { Application } from './application.js'
import { createCommits } from './commits.js'
import { perform } from './perform.js'
import type { AccountId, Change, Clock, EventBus, Journal, Timers, Transport, Turns } from './ports.js'
import type { Lease, Runtime } from './runtime.js'
import { Settling } from './settling.js'
import { newTurn, type Turn } from './turn.js'

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
  /** Made once, with the runtime it will dispatch to. */
  readonly application: (runtime: Runtime<A>) => Application<A>
  /** Sees each step: for logs, metrics and recordings. It must not dispatch. */
  readonly observe?: (step: StepMade<A>) => void
  /** The application, an observer or a port threw where it must not, or the application is endless; the loop goes on. */
  readonly onFault: (error: unknown, where: string) => void
  /**
   * The journal refused a batch. What the batch caused is not performed, and neither is anything after it:
   * nothing is acked that is not durable. Told once.
   */
  readonly onCommitFailure: (error: unknown) => void
}

/** One step of one account, as it was made. */
export interface StepMade<A> {
  readonly account: AccountId
  readonly before: Account<A>
  readonly event: Event<A>
  readonly after: Account<A>
  readonly effects: ReadonlyArray<Effect<A>>
}

/**
 * Steps made in one go. What an application dispatches beyond that waits for the next turn, so that one that never
 * comes to an end cannot keep all others from being heard. A broadcast to the largest roster stays far below.
 */
export const stepsAtOnce = 100_000

export const createRuntime = <A>(options: RuntimeOptions<A>): Runtime<A> => {
  const { config, ports, observe } = options
  const makeStep = step(config)
  const accounts = new Map<AccountId, Account<A>>(options.accounts)
  const leases = new Map<AccountId, number>()
  const settling = new Settling()
  /** What the application dispatched while a step was made. */
  const inbox: Array<{ readonly account: AccountId; readonly event: Event<A> }> = []
  let stepping = false
  let turn: Turn<A> = newTurn()
  let turnEndIsDue = false
  let stopped: Promise<void> | undefined
  let stopping = false

  const dispatch = (account: AccountId, event: Event<A>): void => {
    if (stepping) {
      inbox.push({ account, event })
      return
    }
    stepping = true
    makeOneStep(account, event)
    stepInbox()
    stepping = false
    endTurnLater()
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

  const makeOneStep = (id: AccountId, event: Event<A>): void => {
    if (stopping && event._tag === 'SessionBound') return refuseSession(id, event)
    const before = accounts.get(id) ?? load(id)
    const [after, effects] = stepOf(before, event)
    if (after !== before) {
      accounts.set(id, after)
      if (after.sessions.length === 0) turn.emptied.push(id)
    }
    if (observe !== undefined) attempt('observe', () => observe({ account: id, before, event, after, effects }))
    for (const effect of effects) take(id, effect)
  }

  /** The core is total; were it not, the event would be void, and all others would go on. */
  const stepOf = (before: Account<A>, event: Event<A>): readonly [Account<A>, ReadonlyArray<Effect<A>>] => {
    try {
      return makeStep(before, event)
    } catch (error) {
      tellFault(error, `the step of ${event._tag}`)
      return [before, []]
    }
  }

  /** Nobody would store what waits in a session that begins now. */
  const refuseSession = (account: AccountId, { connection }: SessionBound): void => {
    turn.visible.push({
      account,
      effect: { _tag: 'CloseConnection', connection, error: { condition: 'system-shutdown' } },
    })
  }

  const load = (id: AccountId): Account<A> => {
    const account: Account<A> = { ...emptyAccount, oldSessions: oldSessionsOf(id) }
    accounts.set(id, account)
    turn.emptied.push(id)
    return account
  }

  /** Without its old sessions an account is as good, but for the `h` that a client may ask for too late. */
  const oldSessionsOf = (id: AccountId): ReadonlyArray<OldSession> => {
    try {
      return ports.journal.oldSessions(id)
    } catch (error) {
      tellFault(error, `reading the old sessions of ${id}`)
      return []
    }
  }

  /** Stored effects join the batch, handed ones go to the application now, visible ones wait. */
  const take = (account: AccountId, effect: Effect<A>): void => {
    switch (effect._tag) {
      case 'StoreOffline':
        return change({
          _tag: 'PutOffline',
          account,
          stanza: effect.stanza,
          facts: effect.facts,
          at: effect.submittedAt,
        })
      case 'RememberOldSession':
        return change({
          _tag: 'PutOldSession',
          account,
          session: { smId: effect.smId, h: effect.h, at: effect.at },
        })
      case 'ForgetOldSession':
        return change({ _tag: 'DropOldSession', account, smId: effect.smId })
      case 'Deliver':
        return hand(effect._tag, () => application.deliver(account, effect.resource, effect.stanza))
      case 'ReturnToSender':
        return hand(effect._tag, () =>
          application.returnToSender(account, effect.resource, effect.stanza, effect.facts),
        )
      case 'Redeliver':
        return hand(effect._tag, () =>
          application.redeliver(account, effect.resource, effect.stanza, effect.facts, effect.submittedAt),
        )
      case 'EndSession':
        return hand(effect._tag, () => application.sessionEnded(account, effect.resource, effect.reason))
      case 'Discard':
        return
      default:
        turn.visible.push({ account, effect })
    }
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

  const change = (made: Change<A>): void => {
    turn.changes.push(made)
    settling.began(made.account)
    if (!stepping) endTurnLater()
  }

  const endTurnLater = (): void => {
    if (turnEndIsDue) return
    turnEndIsDue = true
    ports.turns.atEnd(endTurn)
  }

  const endTurn = (): void => {
    turnEndIsDue = false
    const ended = turn
    turn = newTurn()
    commits.commit(ended.changes, () => conclude(ended))
    if (inbox.length > 0) resumeInbox()
  }

  const conclude = (ended: Turn<A>): void => {
    for (const visible of ended.visible) {
      try {
        show(visible)
      } catch (error) {
        tellFault(error, `performing ${visible.effect._tag}`)
      }
    }
    attempt('flushing the transport', ports.transport.flush)
    const settled = settling.ended(ended.changes)
    for (const account of ended.emptied) forgetIfIdle(account)
    for (const account of settled) forgetIfIdle(account)
    for (const account of settled) callBack(account)
  }

  /** Each callback may begin changes, and then the others wait for these too. */
  const callBack = (account: AccountId): void => {
    for (let next = settling.next(account); next !== undefined; next = settling.next(account)) hand('whenSettled', next)
  }

  const resumeInbox = (): void => {
    stepping = true
    stepInbox()
    stepping = false
    endTurnLater()
  }

  const forgetIfIdle = (id: AccountId): void => {
    if (accounts.get(id)?.sessions.length === 0 && !leases.has(id) && settling.isSettled(id)) accounts.delete(id)
  }

  const hold = (id: AccountId): Lease => {
    leases.set(id, (leases.get(id) ?? 0) + 1)
    let held = true
    const release = (): void => {
      if (!held) return
      held = false
      const others = (leases.get(id) ?? 1) - 1
      if (others > 0) leases.set(id, others)
      else leases.delete(id)
      forgetIfIdle(id)
    }
    return { release }
  }

  const stop = (): Promise<void> => {
    stopped ??= endAll()
    return stopped
  }

  const endAll = async (): Promise<void> => {
    // Whoever asks may be in the middle of a step, or of performing one.
    await Promise.resolve()
    stopping = true
    for (const account of [...accounts.keys()]) dispatch(account, { _tag: 'ServerStopping', at: ports.clock.now() })
    do {
      endTurn()
      await commits.underWay()
    } while (commits.failure() === undefined && (turnEndIsDue || commits.underWay() !== undefined))
    ports.timers.stop()
    const failure = commits.failure()
    if (failure !== undefined) throw failure.error
  }

  const runtime: Runtime<A> = {
    dispatch,
    change,
    hold,
    stop,
    account: id => accounts.get(id) ?? emptyAccount,
    accounts: () => accounts.keys(),
    whenSettled: (account, callback) => {
      if (settling.isSettled(account)) callback()
      else settling.await(account, callback)
    },
  }
  const commits = createCommits<A>(ports.journal, error =>
    attempt('onCommitFailure', () => options.onCommitFailure(error)),
  )
  const show = perform<A>(ports, dispatch)
  const application = options.application(runtime)
  return runtime
}
