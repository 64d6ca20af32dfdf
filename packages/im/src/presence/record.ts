/** How what is known of a session is written down: versioned, decoded by io-ts. */
import { describeErrors, factsCodec } from '@smacks/codec'
import * as Either from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { SessionPresence } from './state.js'

/** The kind of the records; the name of each is its session's resource. */
export const presenceRecords = 'presences'

/** Version 1. */
const PresenceRecord = t.intersection(
  [
    t.type({
      v: t.literal(1),
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
)

export const encodePresence = ({ resource: _, ...known }: SessionPresence): string =>
  JSON.stringify(PresenceRecord.encode({ v: 1, ...known }))

/** What is known of the session, or what is wrong with the record. */
export const decodePresence = (resource: string, text: string): Either.Either<string, SessionPresence> => {
  const json = Either.tryCatch((): unknown => JSON.parse(text), String)
  if (Either.isLeft(json)) return json
  const decoded = PresenceRecord.decode(json.right)
  if (Either.isLeft(decoded)) return Either.left(describeErrors(decoded.left))
  const { v: _, ...known } = decoded.right
  return Either.right({ resource, ...known })
}
