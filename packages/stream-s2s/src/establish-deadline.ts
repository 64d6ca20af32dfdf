/** The deadline by which what waits for the first stream of a link's session gets it. */
import { type AccountId, after, type Clock, type Timers } from '@smacks/runtime'

export interface EstablishDeadlineOptions {
  readonly timers: Timers
  readonly clock: Clock
  readonly policy: { readonly establishSeconds: number }
}

export class EstablishDeadline {
  private isArmed = false

  constructor(
    private readonly options: EstablishDeadlineOptions,
    private readonly link: AccountId,
    private readonly expired: () => void,
  ) {}

  /** Arms it, unless it is armed. */
  arm(): void {
    if (!this.isArmed) this.rearm()
  }

  /** Arms it anew, for what waits from now on. */
  rearm(): void {
    const { timers, clock, policy } = this.options
    this.isArmed = true
    timers.arm(this.key, after(clock, policy.establishSeconds * 1000), () => {
      this.isArmed = false
      this.expired()
    })
  }

  disarm(): void {
    this.isArmed = false
    this.options.timers.disarm(this.key)
  }

  private get key(): string {
    return `establish\n${this.link}`
  }
}
