/**
 * The timers of sessions, on the port. They are armed and disarmed for nearly every message, so each has one key and one
 * callback for as long as it is used again and again, and neither arming nor disarming makes anything.
 */
import type { Instant, Resource, TimerName } from '@smacks/core'
import type { AccountId } from './account-id.js'
import { type MonotonicInstant, type Timers, timerKey } from './ports.js'

/** Tells that a timer fired, with what it was due for. */
export type Fired = (account: AccountId, resource: Resource, timer: TimerName, due: Instant) => void

interface SessionTimer {
  readonly key: string
  readonly fire: () => void
  /** What it was armed for last. */
  due: Instant
  isArmed: boolean
}

type OfSession = { [Name in TimerName]?: SessionTimer }

/** So few that are not armed are not worth looking for them. */
const idleAllowance = 64

export class SessionTimers {
  private readonly byAccount = new Map<AccountId, Map<string, OfSession>>()
  private count = 0
  private armed = 0

  constructor(
    private readonly timers: Pick<Timers, 'arm' | 'disarm'>,
    private readonly fired: Fired,
  ) {}

  /** How many timers are remembered, armed or not: no more than twice those that are, and a few. */
  get remembered(): number {
    return this.count
  }

  /** `due` is told when it fires; it does `at` that moment. */
  arm(account: AccountId, resource: Resource, name: TimerName, due: Instant, at: MonotonicInstant): void {
    const timer = this.find(account, resource, name) ?? this.add(account, resource, name)
    if (!timer.isArmed) this.armed += 1
    timer.isArmed = true
    timer.due = due
    this.timers.arm(timer.key, at, timer.fire)
  }

  disarm(account: AccountId, resource: Resource, name: TimerName): void {
    const timer = this.find(account, resource, name)
    if (timer === undefined || !timer.isArmed) return
    this.timers.disarm(timer.key)
    this.idle(timer)
  }

  private find(account: AccountId, resource: Resource, name: TimerName): SessionTimer | undefined {
    return this.byAccount.get(account)?.get(resource)?.[name]
  }

  private add(account: AccountId, resource: Resource, name: TimerName): SessionTimer {
    const sessions = this.byAccount.get(account) ?? new Map<string, OfSession>()
    const ofSession = sessions.get(resource) ?? {}
    this.byAccount.set(account, sessions.set(resource, ofSession))
    const timer: SessionTimer = {
      key: timerKey(account, resource, name),
      fire: () => {
        this.idle(timer)
        this.fired(account, resource, name, timer.due)
      },
      due: 0,
      isArmed: false,
    }
    ofSession[name] = timer
    this.count += 1
    return timer
  }

  /** It is not armed any more. */
  private idle(timer: SessionTimer): void {
    timer.isArmed = false
    this.armed -= 1
    if (this.count - this.armed > Math.max(this.armed, idleAllowance)) this.forgetIdle()
  }

  private forgetIdle(): void {
    for (const [account, sessions] of this.byAccount) {
      for (const [resource, ofSession] of sessions) if (this.forgetIdleOf(ofSession)) sessions.delete(resource)
      if (sessions.size === 0) this.byAccount.delete(account)
    }
  }

  /** True if none of the session is left. */
  private forgetIdleOf(ofSession: OfSession): boolean {
    let isLeft = false
    for (const name of timerNames) {
      const timer = ofSession[name]
      if (timer === undefined) continue
      if (timer.isArmed) isLeft = true
      else {
        delete ofSession[name]
        this.count -= 1
      }
    }
    return !isLeft
  }
}

const timerNames: ReadonlyArray<TimerName> = ['ackDelay', 'ackHold', 'hibernation', 'readProbe']
