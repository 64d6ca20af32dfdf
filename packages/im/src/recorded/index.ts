/** Steps of instant messaging for recordings: how they are written, and how they are made again. */
import { describeErrors, type Json } from '@smacks/codec'
import type { Instant } from '@smacks/core'
import * as Either from '#fp-ts/Either'
import type { ImEffect } from '../effect.js'
import { createServices, standardServices } from '../services/registry.js'
import type { Service, Services } from '../services/service.js'
import type { ImAccount } from '../state.js'
import { step } from '../step.js'
import { imAccountCodec } from './account-codec.js'
import { describeEffect, describeEvent } from './describe.js'
import { imEventCodec } from './event-codec.js'
import { type ImOutcome, outcomeOf, type View } from './outcome.js'
import type { StepOfIm } from './step.js'
import { answering, NeverAsked, witnessCodec } from './witness.js'
import { redacted, verbatim, type Wording } from './xml-codecs.js'

export type { StepOfIm } from './step.js'

/** Names the steps of this reducer in recordings. */
const name = 'im'

/** Another one where the same events may come to something else. */
const version = 1

const codecsIn = (wording: Wording) => ({
  account: imAccountCodec(wording),
  event: imEventCodec(wording),
  witness: witnessCodec(wording),
})

const plainCodecs = codecsIn(verbatim)
const redactedCodecs = codecsIn(redacted)

/** A step as a recorder takes it: JSON, made only if it is asked for. */
export interface RecordableStep {
  readonly reducer: string
  readonly account: string
  readonly at: Instant
  /** What is known of the account after it. */
  readonly after: unknown
  /** True if the step met just what was left. */
  readonly follows: (left: unknown) => boolean
  /** The account before it. */
  readonly state: () => Json
  /** What happened. */
  readonly event: () => Json
  /** What the step asked of the world around the account, and what it was told. */
  readonly asked: () => Json
  /** What it came to. */
  readonly outcome: () => ImOutcome
}

/** What a recording holds of a step; with `isRedacted`, `x` is in place of what people wrote. */
export const recordable = (made: StepOfIm, isRedacted: boolean): RecordableStep => {
  const codecs = isRedacted ? redactedCodecs : plainCodecs
  const { at, before, event, witness, after } = made
  return {
    reducer: name,
    account: before.jid,
    at,
    after,
    follows: left => isSame(left as ImAccount, before),
    state: () => codecs.account.encode(before),
    event: () => codecs.event.encode(event),
    asked: () => codecs.witness.encode(witness),
    outcome: () => outcomeOf(made, (isRedacted ? redacted : verbatim).xml),
  }
}

/** By identity: what did not change is the same value. */
const isSame = (one: ImAccount, other: ImAccount): boolean =>
  one.roster === other.roster &&
  one.sessions === other.sessions &&
  one.stale === other.stale &&
  one.isDeliveringStored === other.isDeliveringStored

/** An account whose steps are made again. */
export interface ReplayedImAccount {
  /** As it is in recordings. */
  readonly json: () => Json
  /** Makes the step of a recorded event, told what the recorded step was told. `Left` says what cannot be read. */
  readonly step: (event: Json, asked: Json) => Either.Either<string, ReplayedImStep>
}

export interface ReplayedImStep {
  readonly after: ReplayedImAccount
  readonly outcome: ImOutcome
  /** It asked what nobody asked then, so what it came to is unknown. */
  readonly unforeseen?: { readonly question: string; readonly subject?: string }
}

/** The reducer, for whoever makes recorded steps again; `services` are those of the server besides the standard ones. */
export const imReducer = (services: ReadonlyArray<Service> = []) => {
  const all = createServices([...standardServices, ...services])
  return {
    name,
    version,
    /** The account in a state that was recorded. */
    begin: (state: Json): Either.Either<string, ReplayedImAccount> =>
      Either.bimap(describeErrors, (account: ImAccount) => replayed(all, account))(plainCodecs.account.decode(state)),
    describeEvent,
    describeEffect,
  }
}

const replayed = (services: Services, before: ImAccount): ReplayedImAccount => ({
  json: () => plainCodecs.account.encode(before),
  step: (eventJson, asked) => {
    const event = plainCodecs.event.decode(eventJson)
    if (Either.isLeft(event)) return Either.left(describeErrors(event.left))
    const witness = plainCodecs.witness.decode(asked)
    if (Either.isLeft(witness)) return Either.left(describeErrors(witness.left))
    try {
      const { account: after, effects } = step(answering(before.jid, witness.right, services), before, event.right)
      return Either.right(made(services, before, after, effects))
    } catch (error) {
      if (!(error instanceof NeverAsked)) return Either.left(String(error))
      const { question, subject } = error
      const unforeseen = subject === undefined ? { question } : { question, subject }
      return Either.right({ ...made(services, before, before, []), unforeseen })
    }
  },
})

const made = (
  services: Services,
  before: ImAccount,
  after: ImAccount,
  effects: ReadonlyArray<ImEffect>,
): ReplayedImStep => ({
  after: replayed(services, after),
  outcome: outcomeOf({ before, after, effects }, verbatim.xml),
})

export type { View }
