/** How what is known of a session is written down: versioned, decoded by io-ts. */

import { factsCodec, versionedRecord } from '@smacks/codec'
import type { Resource } from '@smacks/core'
import * as Either from '#fp-ts/Either'
import * as t from '#io-ts'
import type { SessionPresence } from './session-presence.js'

/** The kind of the records; the name of each is its session's resource. */
export const presenceRecords = 'presences'

const presenceRecord = versionedRecord(
  t.intersection(
    [
      t.type({
        directed: t.readonlyArray(t.string),
        interested: t.boolean,
        interestedInBlocks: t.boolean,
      }),
      t.partial({
        available: t.type({ xml: t.string, facts: factsCodec, priority: t.number }),
        carbonsSince: t.number,
      }),
    ],
    'the presence of a session',
  ),
)

/** The same text for the same presence, however it was put together: texts are compared. */
export const encodePresence = (session: SessionPresence): string => {
  const { available, directed, interested, interestedInBlocks, carbonsSince } = session
  return presenceRecord.write({
    directed,
    interested,
    interestedInBlocks,
    ...(available === undefined
      ? {}
      : { available: { xml: available.xml, facts: available.facts, priority: available.priority } }),
    ...(carbonsSince === undefined ? {} : { carbonsSince }),
  })
}

/** What is known of the session, or what is wrong with the record. */
export const decodePresence = (resource: Resource, text: string): Either.Either<string, SessionPresence> =>
  Either.map((known: Omit<SessionPresence, 'resource'>) => ({ resource, ...known }))(presenceRecord.read(text))
