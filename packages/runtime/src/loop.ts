/**
 * The loop: event, step, commit, perform.
 *
 * A turn is all that the host's event loop had at hand. Its events are stepped as they come; what must be
 * durable and what can be seen are collected, across accounts. At the end of the turn the former is committed
 * as one batch, and when that is done the latter is performed: **durable before visible**. While a commit is
 * under way the next turn may run already; what it makes visible waits behind, so that the order is kept.
 */
import { type Account, type Config, type Effect, type Event, emptyAccount, step } from '@smacks/core'
import type { Application } from './application.js'
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
  /** Made once, with the runtime it will dispatch to. */
  readonly application: (runtime: Runtime<A>) => Application<A>
  /** Sees each step: for logs, metrics and recordings. It must not dispatch. */
  readonly observe?: (account: AccountId, event: Event<A>, effects: ReadonlyArray<Effect<A>>) => void
  /** The application or a port threw where it must not; the loop goes on with the next effect. */
  readonly onFault: (error: unknown, where: string) => void
  /**
   * The journal refused a batch. What the batch caused is not performed, and neither is anything after it:
   * nothing is acked that is not durable.
   */
  readonly onCommitFailure: (error: unknown) => void
}

export const createRuntime = <A>(options: RuntimeOptions<A>): Runtime<A> => {
  const { config, ports, observe, onFault, onCommitFailure } = options
  const makeStep = step(config)
  const accounts = new Map<AccountId, Account<A>>()
  const leases = new Map<AccountId, number>()
  const settling = new Settling()
  const inbox: Array<{ readonly account: AccountId; readonly event: Event<A> }> = []
  let stepping = false
  let turn: Turn<A> = newTurn()
  let turnEndIsDue = false
  /** The commit under way, if there is one; it resolves when its turn is performed. */
  let underWay: Promise<void> | undefined
  let halted = false

  const dispatch = (account: AccountId, event: Event<A>): void => {
    inbox.push({ account, event })
    if (!stepping) drain()
  }

  const drain = (): void => {
    stepping = true
    // The application may dispatch more while this runs; it is stepped in its turn.
    for (let next = 0; next < inbox.length; next += 1) {
      const waiting = inbox[next]
      if (waiting !== undefined) makeOneStep(waiting.account, waiting.event)
    }
    inbox.length = 0
    stepping = false
    endTurnLater()
  }

  const makeOneStep = (id: AccountId, event: Event<A>): void => {
    const before = accounts.get(id) ?? load(id)
    const [after, effects] = makeStep(before, event)
    if (after !== before) {
      accounts.set(id, after)
      if (after.sessions.length === 0) turn.emptied.push(id)
    }
    observe?.(id, event, effects)
    for (const effect of effects) take(id, effect)
  }

  const load = (id: AccountId): Account<A> => {
    const account: Account<A> = { ...emptyAccount, oldSessions: ports.journal.oldSessions(id) }
    accounts.set(id, account)
    turn.emptied.push(id)
    return account
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
      onFault(error, `the application, at ${what}`)
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
    if (halted) return
    const committed = ended.changes.length === 0 ? undefined : ports.journal.commit(ended.changes)
    if (committed === undefined && underWay === undefined) return conclude(ended)
    const mine: Promise<void> = Promise.all([underWay, committed]).then(
      () => {
        if (underWay === mine) underWay = undefined
        if (!halted) conclude(ended)
      },
      error => halt(error),
    )
    underWay = mine
  }

  /** Nothing is performed any more: a later ack would cover what was not kept. */
  const halt = (error: unknown): void => {
    if (halted) return
    halted = true
    onCommitFailure(error)
  }

  const conclude = (ended: Turn<A>): void => {
    for (const visible of ended.visible) {
      try {
        show(visible)
      } catch (error) {
        onFault(error, `performing ${visible.effect._tag}`)
      }
    }
    ports.transport.flush()
    for (const account of ended.emptied) forgetIfIdle(account)
    for (const callback of settling.ended(ended.changes)) hand('whenSettled', callback)
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

  const stop = async (): Promise<void> => {
    for (const account of [...accounts.keys()]) dispatch(account, { _tag: 'ServerStopping', at: ports.clock.now() })
    endTurn()
    await underWay
    ports.timers.stop()
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
  const show = perform<A>(ports, dispatch)
  const application = options.application(runtime)
  return runtime
}
