/** An event that its peer waits for an answer to: what its step decides on the peer's connection. */
import type { ArmTimer, ConnectionId, VisibleEffect } from '@smacks/core'
import type { AccountId } from './account-id.js'
import type { Answer, Asked } from './runtime.js'
import type { Visible } from './turn.js'

export class Asking<A> {
  outcome: Asked = { _tag: 'Unanswered' }
  private isAnswered = false

  constructor(
    private readonly connection: ConnectionId,
    private readonly answer: Answer,
  ) {}

  /** Sees each visible effect of the step. The first element that it sends to the peer is the answer. */
  see(account: AccountId, effect: Exclude<VisibleEffect<A>, ArmTimer>): Visible<A> {
    if (effect._tag === 'AdoptConnection' && effect.connection === this.connection)
      this.outcome = { _tag: 'Resumed', resource: effect.resource }
    if (effect._tag !== 'SendNonza' || effect.connection !== this.connection || this.isAnswered)
      return { account, effect }
    this.isAnswered = true
    if (this.outcome._tag === 'Unanswered') this.outcome = { _tag: 'Answered' }
    return { account, effect, answer: this.answer }
  }
}
