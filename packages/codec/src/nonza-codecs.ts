/**
 * One io-ts codec for each element of stream management, from and to its attributes by name, `xmlns` included.
 * Unknown attributes are ignored. `<failed/>` says more than attributes can: its record holds also `condition`,
 * the name of the child that is a stanza error condition, and `tooHigh`, the attributes of the child
 * `<handled-count-too-high/>`.
 */
import type {
  Ack,
  Enable,
  Enabled,
  Failed,
  FailedCondition,
  HandledCountTooHigh,
  Nonza,
  Request,
  Resume,
  Resumed,
  SmVersion,
} from '@smacks/core'
import * as Either from '#fp-ts/Either'
import { pipe } from '#fp-ts/function'
import * as t from '#io-ts'
import {
  counterAttribute,
  flagAttribute,
  secondsAttribute,
  textAttribute,
  versionAttribute,
} from './attribute-codecs.js'

/** What a codec writes: attributes by name, those that are `undefined` being absent. */
export interface NonzaRecord {
  readonly [name: string]: string | undefined | NonzaRecord
}

/** Decodes attributes by name, whatever they are, and encodes a nonza as those of its element. */
export type NonzaCodec<N extends Nonza> = t.Type<N, NonzaRecord, unknown>

/** What a nonza holds besides its name and version. */
type Fields<N extends Nonza> = Omit<N, '_tag' | 'version'>

/** The codec of one nonza, from that of its fields. */
const nonza = <N extends Nonza>(
  tag: N['_tag'],
  fields: t.Type<Fields<N>, NonzaRecord, unknown>,
  assemble: (version: SmVersion, fields: Fields<N>) => N,
): NonzaCodec<N> =>
  new t.Type<N, NonzaRecord, unknown>(
    tag,
    (value): value is N =>
      t.UnknownRecord.is(value) && value._tag === tag && versionAttribute.is(value.version) && fields.is(value),
    (value, context) =>
      pipe(
        t.type({ xmlns: versionAttribute }).validate(value, context),
        Either.chain(({ xmlns }) =>
          pipe(
            fields.validate(value, context),
            Either.map(decoded => assemble(xmlns, decoded)),
          ),
        ),
      ),
    value => ({ xmlns: versionAttribute.encode(value.version), ...fields.encode(value) }),
  )

/** `<r/>`: asks the peer for an answer with its count (XEP-0198 §4). */
export const requestCodec: NonzaCodec<Request> = nonza<Request>('Request', t.strict({}), version => ({
  _tag: 'Request',
  version,
}))

/** `<a/>`: `h` is the count of stanzas that its sender has handled, modulo 2^32 (XEP-0198 §4). */
export const ackCodec: NonzaCodec<Ack> = nonza<Ack>('Ack', t.strict({ h: counterAttribute }), (version, fields) => ({
  _tag: 'Ack',
  version,
  ...fields,
}))

/** `<enable/>`: `max` is in seconds; a `resume` that is absent is false (XEP-0198 §3). */
export const enableCodec: NonzaCodec<Enable> = nonza<Enable>(
  'Enable',
  t.exact(t.intersection([t.type({ resume: flagAttribute }), t.partial({ max: secondsAttribute })])),
  (version, fields) => ({ _tag: 'Enable', version, ...fields }),
)

/** Without an `id` there is nothing to resume by, whatever `resume` says. */
export const enabledCodec: NonzaCodec<Enabled> = nonza<Enabled>(
  'Enabled',
  t.exact(
    t.intersection([
      t.type({ resume: flagAttribute }),
      t.partial({ id: textAttribute, max: secondsAttribute, location: t.string }),
    ]),
  ),
  (version, fields) => ({ _tag: 'Enabled', version, ...fields, resume: fields.resume && fields.id !== undefined }),
)

const resumption = t.strict({ previd: textAttribute, h: counterAttribute })

/** `<resume/>`: `previd` is the SM-ID of the session, never empty; `h` counts as in `<a/>` (XEP-0198 §5). */
export const resumeCodec: NonzaCodec<Resume> = nonza<Resume>('Resume', resumption, (version, fields) => ({
  _tag: 'Resume',
  version,
  ...fields,
}))

/** `<resumed/>`: the same attributes, as the other side has them (XEP-0198 §5). */
export const resumedCodec: NonzaCodec<Resumed> = nonza<Resumed>('Resumed', resumption, (version, fields) => ({
  _tag: 'Resumed',
  version,
  ...fields,
}))

/** The conditions by name; the compiler asks for all of them. */
export const failedConditions: Readonly<Record<FailedCondition, true>> = {
  'bad-request': true,
  'feature-not-implemented': true,
  'internal-server-error': true,
  'item-not-found': true,
  'not-authorized': true,
  'resource-constraint': true,
  'service-unavailable': true,
  'undefined-condition': true,
  'unexpected-request': true,
}

const isFailedCondition = (value: unknown): value is FailedCondition =>
  typeof value === 'string' && Object.hasOwn(failedConditions, value)

/** Any other condition, or none, means no more to us than `undefined-condition`. */
const conditionChild: t.Type<FailedCondition, string, unknown> = new t.Type(
  'a stanza error condition',
  isFailedCondition,
  value => t.success(isFailedCondition(value) ? value : 'undefined-condition'),
  condition => condition,
)

const tooHighAttributes = t.type({ h: counterAttribute, 'send-count': counterAttribute })

const tooHighChild: t.Type<HandledCountTooHigh, NonzaRecord, unknown> = new t.Type(
  'the attributes of <handled-count-too-high/>',
  (value): value is HandledCountTooHigh =>
    t.UnknownRecord.is(value) && counterAttribute.is(value.h) && counterAttribute.is(value.sendCount),
  (value, context) =>
    pipe(
      tooHighAttributes.validate(value, context),
      Either.map(attributes => ({ h: attributes.h, sendCount: attributes['send-count'] })),
    ),
  ({ h, sendCount }) => tooHighAttributes.encode({ h, 'send-count': sendCount }),
)

/**
 * `<failed/>`: why nothing was enabled or resumed; `h`, if the server still knows it, counts what came in the session that is gone
 * (XEP-0198 §§3, 5). A condition that is not one of `failedConditions`, or none, is read as `undefined-condition`.
 */
export const failedCodec: NonzaCodec<Failed> = nonza<Failed>(
  'Failed',
  t.exact(
    t.intersection([t.type({ condition: conditionChild }), t.partial({ h: counterAttribute, tooHigh: tooHighChild })]),
  ),
  (version, fields) => ({ _tag: 'Failed', version, ...fields }),
)

/** The codec by the element's name. */
export const nonzaCodecs = {
  a: ackCodec,
  enable: enableCodec,
  enabled: enabledCodec,
  failed: failedCodec,
  r: requestCodec,
  resume: resumeCodec,
  resumed: resumedCodec,
} as const

/** The names of the elements of stream management. */
export type NonzaName = keyof typeof nonzaCodecs
