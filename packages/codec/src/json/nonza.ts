/** The elements of stream management, and stream errors, as JSON: with the fields they have as plain data. */
import type { HandledCountTooHigh, Nonza, StreamError, StreamErrorCondition, UnreachableCondition } from '@smacks/core'
import { failedConditions } from '../nonza-codecs.js'
import { optional } from './field.js'
import { counter, flag, type JsonCodec, seconds, smVersion, text, word } from './plain.js'
import { record } from './record.js'
import { tagged } from './tagged.js'

export const failedCondition = word(failedConditions)

export const unreachableCondition = word<UnreachableCondition>({
  'remote-server-not-found': true,
  'remote-server-timeout': true,
})

const streamErrorConditions: Readonly<Record<StreamErrorCondition, true>> = {
  'bad-format': true,
  'bad-namespace-prefix': true,
  conflict: true,
  'connection-timeout': true,
  'host-gone': true,
  'host-unknown': true,
  'improper-addressing': true,
  'internal-server-error': true,
  'invalid-from': true,
  'invalid-namespace': true,
  'invalid-xml': true,
  'not-authorized': true,
  'not-well-formed': true,
  'policy-violation': true,
  'remote-connection-failed': true,
  reset: true,
  'resource-constraint': true,
  'restricted-xml': true,
  'see-other-host': true,
  'system-shutdown': true,
  'undefined-condition': true,
  'unsupported-encoding': true,
  'unsupported-feature': true,
  'unsupported-stanza-type': true,
  'unsupported-version': true,
}

export const streamErrorCodec: JsonCodec<StreamError> = record<StreamError>('a stream error', {
  condition: word(streamErrorConditions),
  text: optional(text),
  tooHigh: optional(
    record<NonNullable<StreamError['tooHigh']>>('h, sendCount and version', {
      h: counter,
      sendCount: counter,
      version: smVersion,
    }),
  ),
})

/** An element of stream management. */
export const nonzaCodec: JsonCodec<Nonza> = tagged<Nonza>('an element of stream management', {
  Ack: { version: smVersion, h: counter },
  Enable: { version: smVersion, resume: flag, max: optional(seconds) },
  Enabled: {
    version: smVersion,
    resume: flag,
    id: optional(text),
    max: optional(seconds),
    location: optional(text),
  },
  Failed: {
    version: smVersion,
    condition: failedCondition,
    h: optional(counter),
    tooHigh: optional(record<HandledCountTooHigh>('h and sendCount', { h: counter, sendCount: counter })),
  },
  Request: { version: smVersion },
  Resume: { version: smVersion, previd: text, h: counter },
  Resumed: { version: smVersion, previd: text, h: counter },
})
