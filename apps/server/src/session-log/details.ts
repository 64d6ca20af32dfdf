/** What more is told of a step at `debug` and at `trace`, in the core's own words: facts of stanzas, never their content. */
import { outlineFacts, type Stanza } from '@smacks/codec'
import {
  type DescribeStanza,
  describeByFacts,
  describeEffect,
  describeEvent,
  type Effect,
  type Event,
} from '@smacks/core'
import type { StepMade } from '@smacks/runtime'

/** The elements of stream management that came and that are to be sent. */
export const nonzasOf = ({ event, effects }: StepMade<Stanza>): ReadonlyArray<string> => [
  ...(nonzaEvents.has(event._tag) ? [describeEvent(event, describeStanza)] : []),
  ...effects.flatMap(effect => (effect._tag === 'SendNonza' ? [describeEffect(effect)] : [])),
]

/** The stanzas that came, were submitted, are to be sent, and what became of others. */
export const stanzasOf = ({ event, effects }: StepMade<Stanza>): ReadonlyArray<string> => [
  ...(stanzaEvents.has(event._tag) ? [describeEvent(event, describeStanza)] : []),
  ...effects.flatMap(effect => (stanzaEffects.has(effect._tag) ? [describeEffect(effect, describeStanza)] : [])),
]

const nonzaEvents: ReadonlySet<Event<never>['_tag']> = new Set<Event<never>['_tag']>([
  'AckReceived',
  'EnableReceived',
  'EnabledReceived',
  'FailedReceived',
  'MalformedAckReceived',
  'RequestReceived',
  'ResumeReceived',
  'ResumedReceived',
])

const stanzaEvents: ReadonlySet<Event<never>['_tag']> = new Set<Event<never>['_tag']>([
  'MessageSubmitted',
  'StanzaReceived',
  'StanzaSubmitted',
])

const stanzaEffects: ReadonlySet<Effect<never>['_tag']> = new Set<Effect<never>['_tag']>([
  'Deliver',
  'Discard',
  'Redeliver',
  'ReturnToSender',
  'SendStanza',
  'StoreOffline',
])

const describeStanza: DescribeStanza<Stanza> = (stanza, facts) =>
  describeByFacts(undefined, facts ?? outlineFacts(stanza.outline))
