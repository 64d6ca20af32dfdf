/** The worlds that traces take place in: limits so small that a few moves reach them, and counters about to wrap. */
import { type Config, defaultConfig, type SmVersion } from '@smacks/core'
import type { Counters, Side } from '@smacks/testkit'
import fc from 'fast-check'

export interface World {
  readonly config: Readonly<Record<Side, Config>>
  readonly version: SmVersion
  readonly resume: boolean
  /** Seconds that the client asks for, if it does. */
  readonly max: number | undefined
  /** With counters the session is established already; without, the client has yet to dial. */
  readonly counters: Counters | undefined
  /** How long bytes take, in milliseconds, one after the other; none: until they are carried. */
  readonly delays: ReadonlyArray<number>
  /** Milliseconds that a commit takes. */
  readonly commitTime: number
}

/** Configurations of servers and clients. */
const config: fc.Arbitrary<Config> = fc
  .record({
    hibernationTime: fc.constantFrom(600, 600, 600, 600, 60, 60, 5, 0),
    maxQueueSize: fc.constantFrom(500, 500, 5, 2),
    maxUnackedStanzas: fc.constantFrom(0, 0, 1, 3),
    maxInactiveUnackedStanzas: fc.constantFrom(1, 4),
    maxAckDelay: fc.constantFrom(0, 30),
    maxOldSessions: fc.constantFrom(10, 10, 1, 0),
    offlineStorage: fc.boolean(),
    maxHibernatingSessions: fc.constantFrom(10, 10, 10, 10, 1, 1, 0),
    probeTimeout: fc.constantFrom(5, 30),
    requestHold: fc.constantFrom(0, 0.02),
    queueCeiling: fc.constantFrom(100_000, 100_000, 100_000, 9, 3),
  })
  .map(options => ({ ...defaultConfig, ...options }))

/** At the start, at the wrap, and where a sign bit would be. */
const counter = fc.constantFrom(0, 2 ** 32 - 1, 2 ** 32 - 3, 2 ** 31 - 2, 2 ** 31)

export const world: fc.Arbitrary<World> = fc.record({
  config: fc.record({ client: config, server: config }),
  version: fc.constantFrom<SmVersion>('urn:xmpp:sm:3', 'urn:xmpp:sm:3', 'urn:xmpp:sm:2'),
  resume: fc.constantFrom(true, true, true, true, true, true, true, false),
  max: fc.constantFrom(undefined, undefined, undefined, undefined, 5, undefined, 0),
  counters: fc.oneof(
    { weight: 2, arbitrary: fc.constant(undefined) },
    { weight: 3, arbitrary: fc.record({ toServer: counter, toClient: counter }) },
  ),
  delays: fc.oneof(
    { weight: 2, arbitrary: fc.constant<ReadonlyArray<number>>([]) },
    { weight: 1, arbitrary: fc.array(fc.constantFrom(0, 1, 5, 50, 2_000), { minLength: 1, maxLength: 6 }) },
  ),
  commitTime: fc.constantFrom(0, 0, 0, 10, 3_000),
})

/** A world without surprises, for traces that are told: a session that is established, on a line that is carried. */
export const calm: World = {
  config: { client: defaultConfig, server: defaultConfig },
  version: 'urn:xmpp:sm:3',
  resume: true,
  max: undefined,
  counters: { toServer: 0, toClient: 0 },
  delays: [],
  commitTime: 0,
}
