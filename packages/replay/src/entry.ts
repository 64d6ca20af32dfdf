/** The lines of a recording after the first. */
import { accountCodec, configCodec, eventCodec, type Json, jsonPayload } from '@smacks/codec'
import type { Account, Event } from '@smacks/core'
import * as Either from '#fp-ts/Either'
import { pipe } from '#fp-ts/function'
import * as t from '#io-ts'
import { counter, instant, jsonObject, nothing, nothingElse, orAbsent, wholeNumber } from './plain-codecs.js'
import type { Entry, EventEntry, Outcome } from './recording.js'

/** In recordings, payloads are whatever JSON they are. */
export const recordedEvent: t.Type<Event<Json>, Json, unknown> = eventCodec(jsonPayload)
export const recordedState: t.Type<Account<Json>, Json, unknown> = accountCodec(jsonPayload)

/** Decodes the value of a line. */
export const decodeEntry = (value: unknown): Either.Either<t.Errors, Entry> => {
  if (typeof value === 'object' && value !== null && 'of' in value) return decodeOther(value)
  return typeof value === 'object' && value !== null && 'state' in value
    ? pipe(
        stateLine.decode(value),
        Either.map(
          ({ config, ...line }): Entry => ({ _tag: 'State', ...line, ...(config === undefined ? {} : { config }) }),
        ),
      )
    : pipe(eventLine.decode(value), Either.chain(withTime))
}

const decodeOther = (value: object): Either.Either<t.Errors, Entry> =>
  'state' in value
    ? pipe(
        otherStateLine.decode(value),
        Either.map(({ of: reducer, ...line }): Entry => ({ _tag: 'OtherState', reducer, ...line })),
      )
    : pipe(
        otherEventLine.decode(value),
        Either.map(
          ({ of: reducer, outcome, digest, ...line }): Entry => ({
            _tag: 'OtherEvent',
            reducer,
            ...line,
            ...(outcome === undefined ? {} : { outcome }),
            ...(digest === undefined ? {} : { digest }),
          }),
        ),
      )

const head = { seq: wholeNumber, at: instant, account: t.string }

const stateLine = nothingElse(t.type({ ...head, state: recordedState, config: orAbsent(configCodec) }), [
  'seq',
  'at',
  'account',
  'state',
  'config',
])

const oldSession = nothingElse(t.type({ smId: t.string, h: counter, at: instant }), ['smId', 'h', 'at'])

const objects = t.array(jsonObject, 'a list of objects')

const outcome = nothingElse(
  t.type(
    {
      effects: objects,
      sessions: orAbsent(objects),
      gone: orAbsent(t.array(t.string, 'a list of resources')),
      oldSessions: orAbsent(t.array(oldSession, 'a list of old sessions')),
    },
    'an outcome',
  ),
  ['effects', 'sessions', 'gone', 'oldSessions'],
)

const eventLine = nothingElse(
  t.type({ ...head, event: jsonObject, outcome: orAbsent(outcome), digest: orAbsent(t.string) }),
  ['seq', 'at', 'account', 'event', 'outcome', 'digest'],
)

const otherHead = { ...head, of: t.string }

const otherStateLine = nothingElse(t.type({ ...otherHead, state: jsonObject }), ['seq', 'at', 'account', 'of', 'state'])

const otherOutcome = nothingElse(t.type({ effects: objects, changed: jsonObject }, 'an outcome'), [
  'effects',
  'changed',
])

const otherEventLine = nothingElse(
  t.type({
    ...otherHead,
    event: jsonObject,
    asked: jsonObject,
    outcome: orAbsent(otherOutcome),
    digest: orAbsent(t.string),
  }),
  ['seq', 'at', 'account', 'of', 'event', 'asked', 'outcome', 'digest'],
)

/** The event inside has no time of its own. */
const withTime = (line: t.TypeOf<typeof eventLine>): Either.Either<t.Errors, EventEntry> => {
  const context = [
    { key: '', type: eventLine },
    { key: 'event', type: recordedEvent, actual: line.event },
  ]
  if ('at' in line.event) return t.failures([{ value: line.event.at, context: [...context, noTime(line.event.at)] }])
  const { seq, at, account, digest } = line
  return pipe(
    recordedEvent.validate({ ...line.event, at }, context),
    Either.map(event => ({
      _tag: 'Event',
      seq,
      at,
      account,
      event,
      ...(line.outcome === undefined ? {} : { outcome: withLists(line.outcome) }),
      ...(digest === undefined ? {} : { digest }),
    })),
  )
}

const noTime = (actual: unknown): t.ContextEntry => ({
  key: 'at',
  type: nothing('no such key, since the entry has the time'),
  actual,
})

/** Lists of nothing are left out on disk. */
const withLists = ({ effects, sessions = [], gone = [], oldSessions }: t.TypeOf<typeof outcome>): Outcome => ({
  effects,
  sessions,
  gone,
  ...(oldSessions === undefined ? {} : { oldSessions }),
})
