/** Writes recordings, from what an observer of the loop is told. */
import { accountCodec, configCodec, eventCodec, type Json, type PayloadCodec } from '@smacks/codec'
import {
  type Account,
  type AccountId,
  type Config,
  type Event,
  type Instant,
  isSameConfig,
  isVacant,
  reducerVersion,
  type StanzaFacts,
} from '@smacks/core'
import { createFingerprint } from './fingerprint.js'
import { headerLine } from './header.js'
import { LeftBehind, type OtherStepMade } from './other-reducer.js'
import { createOutcomeOf, digestOf, type OutcomeOf } from './outcome.js'
import { type RecordingHeader, recordingVersion, type StepMade, versionWithOthers } from './recording.js'
import { otherDigest } from './replay-others.js'

export interface RecorderOptions<A> {
  /** What payloads are in the recording; a redacting one makes a redacted recording. */
  readonly payload: PayloadCodec<A>
  /** States the facts of stanzas that came without: for those who read the recording, nothing is decided by them. */
  readonly facts?: (payload: A) => StanzaFacts
  /** That of the loop. */
  readonly config: Config
  /** Name and version of what records, such as `smacks 0.1.0`. */
  readonly by: string
  readonly redacted: boolean
  /** The versions of other reducers whose steps may come, by name; none unless told. */
  readonly reducers?: Readonly<Record<string, number>>
  /** How much is told of what each step came to; with `none` a replay has nothing to compare with. */
  readonly outcome: 'digest' | 'full' | 'none'
  /** Takes one line, without its end. A header begins a recording. */
  readonly write: (line: string) => void
  readonly now: () => Instant
}

export interface Recorder<A> {
  /**
   * Writes what the step needs: the header if it is the first, the state it met if that is not what the account's last
   * recorded step left, or if it was made under other options, the event. Takes the steps of an account in the order in which they were made.
   */
  readonly observe: (step: StepMade<A>) => void
  /** The same for a step of another reducer; throws an `Error` if its version is not told. */
  readonly observeOther: (step: OtherStepMade) => void
  /** Begins a new recording with the next step, states anew. May be called inside `write`. */
  readonly restart: () => void
}

export const createRecorder = <A>(options: RecorderOptions<A>): Recorder<A> => {
  const { payload, write } = options
  const event = eventCodec(payload)
  const state = accountCodec(payload)
  const outcomeOf = createOutcomeOf(createFingerprint(payload))
  let seq = 0
  let isBegun = false
  /** What the last recorded step left, of accounts of which there is anything. */
  let left = new Map<string, Account<A>>()
  /** What the header says, and the accounts that are under other options. */
  let usual = options.config
  let configs = new Map<string, Config>()
  let others = new LeftBehind<unknown>()

  const begin = (at: Instant, config: Config): void => {
    isBegun = true
    seq = 0
    left = new Map()
    usual = config
    configs = new Map()
    others = new LeftBehind()
    write(headerLine(headerOf(options, at, config)))
  }

  const entry = (at: Instant, account: AccountId, rest: object): void => {
    seq += 1
    write(JSON.stringify({ seq, at, account, ...rest }))
  }

  const observe = (step: StepMade<A>): void => {
    const { account, before, after } = step
    const { at } = step.event
    if (!isBegun) begin(at, step.config ?? options.config)
    const other = isNewConfig(step) ? step.config : undefined
    if (other !== undefined || !isForeseen(left.get(account), before))
      entry(at, account, {
        state: state.encode(before),
        ...(other === undefined ? {} : { config: configCodec.encode(other) }),
      })
    entry(at, account, {
      event: withoutTime(event.encode(withFacts(step.event, options.facts))),
      ...outcomeMember(options.outcome, outcomeOf, step),
    })
    if (!isVacant(after)) left.set(account, after)
    else left.delete(account)
  }

  /** True if the account is under other options than the recording says, and not because of what happened now. */
  const isNewConfig = ({ account, event: happened, config }: StepMade<A>): boolean => {
    if (config === undefined) return false
    const known = configs.get(account) ?? usual
    if (config === known) return false
    const isSame = isSameConfig(config, known)
    if (!isSame) configs.set(account, config)
    return !isSame && happened._tag !== 'ConfigChanged'
  }

  return {
    observe,
    observeOther: step => {
      if (options.reducers?.[step.reducer] === undefined)
        throw new Error(`nobody said which version of ${step.reducer} is recorded`)
      if (!isBegun) begin(step.at, options.config)
      for (const line of linesOf(others, step, options.outcome)) entry(step.at, step.account, line)
    },
    restart: () => {
      isBegun = false
    },
  }
}

/** The state that the step met, if that does not follow, and the step. */
const linesOf = (
  left: LeftBehind<unknown>,
  step: OtherStepMade,
  mode: RecorderOptions<unknown>['outcome'],
): ReadonlyArray<object> => {
  const { account, reducer: of } = step
  const known = left.get(of, account)
  left.put(of, account, step.after)
  const line = { of, event: step.event(), asked: step.asked(), ...otherOutcomeMember(mode, step) }
  return known === undefined || !step.follows(known) ? [{ of, state: step.state() }, line] : [line]
}

const otherOutcomeMember = (mode: RecorderOptions<unknown>['outcome'], { outcome }: OtherStepMade): object => {
  switch (mode) {
    case 'none':
      return {}
    case 'digest':
      return { digest: otherDigest(outcome()) }
    case 'full':
      return { outcome: outcome() }
  }
}

const headerOf = (
  { by, redacted, reducers, now }: Pick<RecorderOptions<never>, 'by' | 'now' | 'redacted' | 'reducers'>,
  at: Instant,
  config: Config,
): RecordingHeader => ({
  recording: 'smacks',
  version: reducers === undefined ? recordingVersion : versionWithOthers,
  reducer: reducerVersion,
  ...(reducers === undefined ? {} : { reducers }),
  config,
  at: Math.min(at, now()),
  by,
  redacted,
})

/** Of an account without a last step nothing is known, so its state goes without saying only if it is empty. */
const isForeseen = <A>(left: Account<A> | undefined, before: Account<A>): boolean =>
  left === undefined ? isVacant(before) && before.oldSessions.length === 0 : left === before

const withFacts = <A>(event: Event<A>, facts: ((payload: A) => StanzaFacts) | undefined): Event<A> =>
  event._tag === 'StanzaReceived' && event.facts === undefined && facts !== undefined
    ? { ...event, facts: facts(event.stanza) }
    : event

/** The entry has it. */
const withoutTime = (event: Json): object => {
  const { at: _, ...rest } = { ...(event as { readonly [key: string]: Json }) }
  return rest
}

const outcomeMember = <A>(
  mode: RecorderOptions<A>['outcome'],
  outcomeOf: OutcomeOf<A>,
  step: StepMade<A>,
): { readonly outcome?: object; readonly digest?: string } => {
  switch (mode) {
    case 'none':
      return {}
    case 'digest':
      return { digest: digestOf(outcomeOf(step)) }
    case 'full': {
      const { gone, sessions, ...rest } = outcomeOf(step)
      return {
        outcome: { ...rest, ...(sessions.length > 0 ? { sessions } : {}), ...(gone.length > 0 ? { gone } : {}) },
      }
    }
  }
}
