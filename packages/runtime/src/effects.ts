/** Sorts what a step decided: stored effects join the batch, handed ones go to the application now, visible ones wait. */
import type { Deliver, Discard, Effect, EndSession, Redeliver, ReturnToSender, StoreOffline } from '@smacks/core'
import type { AccountId } from './account-id.js'
import type { Application } from './application.js'
import type { Asking } from './asking.js'
import { changeOf } from './change-of.js'
import type { Guard } from './guard.js'
import type { Change } from './ports.js'
import type { RefusedChanges } from './refused-changes.js'
import type { TurnCycle } from './turn-cycle.js'
import type { WallClock } from './wall-clock.js'

export interface EffectsOptions<A> {
  readonly cycle: TurnCycle<A>
  readonly change: (made: Change<A>) => void
  readonly wall: WallClock
  readonly guard: Guard
  /** Who waits for the answer to the event that is being stepped, if anybody does. */
  readonly asked: () => Asking<A> | undefined
  /** These two come later than this. */
  readonly refused: () => RefusedChanges<A>
  readonly application: () => Application<A>
}

export class Effects<A> {
  constructor(private readonly options: EffectsOptions<A>) {}

  /** Most effects are a stanza that is delivered, or can be seen: for these nothing is made that they do not need. */
  readonly take = (account: AccountId, effect: Effect<A>): void => {
    switch (effect._tag) {
      case 'Deliver':
        return this.deliver(account, effect)
      case 'ArmTimer':
        this.options.cycle.turn.visible.push({ account, effect, due: this.options.wall.monotonicAt(effect.due) })
        return
      case 'RememberOldSession':
      case 'ForgetOldSession':
      case 'KeepUnacked':
      case 'ForgetKept':
        return this.options.change(changeOf(account, effect))
      case 'StoreOffline':
      case 'Redeliver':
        return this.handLeaving(account, this.options.refused().insteadOf(effect))
      case 'ReturnToSender':
      case 'EndSession':
      case 'Discard':
        return this.handLeaving(account, effect)
      default:
        this.options.cycle.turn.visible.push(this.options.asked()?.see(account, effect) ?? { account, effect })
    }
  }

  private deliver(account: AccountId, { resource, stanza }: Deliver<A>): void {
    try {
      this.application.deliver(account, resource, stanza)
    } catch (error) {
      this.options.guard.applicationFailed(error, 'Deliver')
    }
  }

  /** What a session leaves when it ends, and that it ended. */
  private handLeaving(account: AccountId, effect: Leaving<A>): void {
    const { application } = this
    const hand = (handOver: () => void): void => this.options.guard.hand(effect._tag, handOver)
    switch (effect._tag) {
      case 'StoreOffline':
        return this.store(account, effect)
      case 'ReturnToSender': {
        const { resource, stanza, facts, condition } = effect
        return hand(() => application.returnToSender(account, resource, stanza, facts, condition))
      }
      case 'Redeliver': {
        const { resource, stanza, facts, submittedAt } = effect
        return hand(() => application.redeliver(account, resource, stanza, facts, submittedAt))
      }
      case 'EndSession':
        return hand(() => application.sessionEnded(account, effect.resource, effect.reason))
      case 'Discard':
        return
    }
  }

  /** What cannot be asked about is stored. */
  private store(account: AccountId, effect: StoreOffline<A>): void {
    let isStored = true
    this.options.guard.hand(effect._tag, () => {
      isStored = this.application.mayStoreOffline?.(account, effect.stanza, effect.facts) ?? true
    })
    if (isStored) this.options.change(changeOf(account, effect))
  }

  private get application(): Application<A> {
    return this.options.application()
  }
}

type Leaving<A> = Discard<A> | EndSession | Redeliver<A> | ReturnToSender<A> | StoreOffline<A>
