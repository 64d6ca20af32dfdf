/** What the loop is given: its ports, its options and its application; and what an observer sees of each step. */
import type { Account, Config, Effect, Event, Ignored } from '@smacks/core'
import type { AccountId } from './account-id.js'
import type { Application } from './application.js'
import type { PageLimits } from './loading.js'
import type { ChangeRefused, Clock, EventBus, Journal, Timers, Transport, Turns } from './ports.js'
import type { Refusal } from './refused-changes.js'
import type { Runtime } from './runtime.js'

/** What the loop needs of its host, one interpreter each. */
export interface Ports<A> {
  readonly transport: Transport<A>
  readonly timers: Timers
  readonly turns: Turns
  readonly journal: Journal<A>
  readonly bus: EventBus<A>
  readonly clock: Clock
}

/** What a runtime is made of. Sizes are in what `sizeOf` tells, times in milliseconds. */
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
  /**
   * A turn with so many visible effects ends behind the read that brought them, so that latency does not grow with what
   * others have to say; 64 unless told. The same holds of it: what one event brought about stays together.
   */
  readonly visibleLimit?: number
  /** Made once, with the runtime it will dispatch to. */
  readonly application: (runtime: Runtime<A>) => Application<A>
  /** Sees each step: for logs, metrics and recordings. It must not dispatch. */
  readonly observe?: (step: StepMade<A>) => void
  /** Whether anybody looks at the steps of this account now; `observe` sees all of them unless told. Others may be made faster. */
  readonly observes?: (account: AccountId) => boolean
  /**
   * An event was void: a race, or, as `isMisuse` of the core says, something that should not have been dispatched. For a
   * debug log.
   */
  readonly onIgnored?: (account: AccountId, event: Event<A>, ignored: Ignored) => void
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
  /** Why the event was void, if it was. */
  readonly ignored?: Ignored | undefined
}
