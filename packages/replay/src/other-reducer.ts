/**
 * Reducers besides the core whose steps are in recordings too. This room knows none of them: whoever records or replays says
 * which there are. All they give and take here is JSON.
 */
import type { Json } from '@smacks/codec'
import type { Instant } from '@smacks/core'
import type * as Either from '#fp-ts/Either'
import type { OtherOutcome } from './recording.js'

/** Makes recorded steps again. */
export interface OtherReducer {
  /** Its lines have it as `of`. No two reducers have the same. */
  readonly name: string
  /** Another one where the same events may come to something else. */
  readonly version: number
  /** The account in a state that was recorded. `Left` says what is wrong with it. */
  readonly begin: (state: Json) => Either.Either<string, OtherAccount>
  /** One line on an event as it was recorded, and on an effect as outcomes have it. */
  readonly describeEvent: (event: Json) => string
  readonly describeEffect: (effect: Json) => string
}

/** An account whose steps are made again. A value: a step leaves another one. */
export interface OtherAccount {
  /** As it is recorded. */
  readonly json: () => Json
  /** Makes the step of a recorded event; `asked` is what the recorded step asked, and what it was told. */
  readonly step: (event: Json, asked: Json) => Either.Either<string, OtherStep>
}

export interface OtherStep {
  readonly after: OtherAccount
  readonly outcome: OtherOutcome
  /** It asked what the recorded step did not, so what it came to is unknown. */
  readonly unforeseen?: { readonly question: string; readonly subject?: string }
}

/** A step as it was made, for a recorder: what is written of it is made only if it is needed. */
export interface OtherStepMade {
  /** The name of the reducer. */
  readonly reducer: string
  readonly account: string
  readonly at: Instant
  /** What is known after it; kept until the account's next step. */
  readonly after: unknown
  /** True if it met just what was left, which is the `after` of an earlier step of the account. */
  readonly follows: (left: unknown) => boolean
  /** The account before it. */
  readonly state: () => Json
  readonly event: () => Json
  readonly asked: () => Json
  readonly outcome: () => OtherOutcome
}

/**
 * What was left of the accounts that had a step last. Others are forgotten: there are any number of accounts, and of whoever
 * comes back the state is told again. Recorder and replayer forget the same ones.
 */
export class LeftBehind<A> {
  constructor(private readonly byName = new Map<string, A>()) {}

  fork(): LeftBehind<A> {
    return new LeftBehind(new Map(this.byName))
  }

  get(reducer: string, account: string): A | undefined {
    return this.byName.get(nameOf(reducer, account))
  }

  put(reducer: string, account: string, left: A): void {
    const name = nameOf(reducer, account)
    this.byName.delete(name)
    this.byName.set(name, left)
    if (this.byName.size <= mostLeftBehind) return
    for (const oldest of this.byName.keys()) {
      this.byName.delete(oldest)
      return
    }
  }
}

const mostLeftBehind = 1000

const nameOf = (reducer: string, account: string): string => `${reducer}\n${account}`
