/** Sorts what a step decided: stored effects join the batch, handed ones go to the application now, visible ones wait. */
import type { Effect, StoreOffline } from '@smacks/core'
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

  readonly take = (account: AccountId, decided: Effect<A>): void => {
    const { change, cycle, guard, refused, wall } = this.options
    const effect = refused().insteadOf(decided)
    switch (effect._tag) {
      case 'StoreOffline':
        return this.store(account, effect)
      case 'RememberOldSession':
      case 'ForgetOldSession':
      case 'KeepUnacked':
      case 'ForgetKept':
        return change(changeOf(account, effect))
      case 'Deliver':
        return guard.hand(effect._tag, () => this.application.deliver(account, effect.resource, effect.stanza))
      case 'ReturnToSender':
        return guard.hand(effect._tag, () =>
          this.application.returnToSender(account, effect.resource, effect.stanza, effect.facts, effect.condition),
        )
      case 'Redeliver':
        return guard.hand(effect._tag, () =>
          this.application.redeliver(account, effect.resource, effect.stanza, effect.facts, effect.submittedAt),
        )
      case 'EndSession':
        return guard.hand(effect._tag, () => this.application.sessionEnded(account, effect.resource, effect.reason))
      case 'Discard':
        return
      case 'ArmTimer':
        cycle.turn.visible.push({ account, effect, due: wall.monotonicAt(effect.due) })
        return
      default:
        cycle.turn.visible.push(this.options.asked()?.see(account, effect) ?? { account, effect })
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
