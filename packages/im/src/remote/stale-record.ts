/** How it is written down that a contact's server may not know the state of an account: versioned, decoded by io-ts. */
import { describeErrors } from '@smacks/codec'
import * as Either from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import type { Stale } from './stale.js'

/** The kind of the records; each is named by its contact. */
export const staleRecords = 'stale-contacts'

/** Version 1. */
const StaleRecord = t.intersection(
  [
    t.type({ v: t.literal(1), contact: t.string, resources: t.readonlyArray(t.string) }),
    t.partial({
      to: t.literal(true),
      from: t.union([t.literal('subscribed'), t.literal('unsubscribed')]),
      probe: t.literal(true),
    }),
  ],
  'a contact whose server may not know the state of the account',
)

export const encodeStale = (stale: Stale): string => JSON.stringify(StaleRecord.encode({ v: 1, ...stale }))

/** What was written, or what is wrong with it. */
export const decodeStale = (text: string): Either.Either<string, Stale> => {
  const json = Either.tryCatch((): unknown => JSON.parse(text), String)
  if (Either.isLeft(json)) return json
  const decoded = StaleRecord.decode(json.right)
  if (Either.isLeft(decoded)) return Either.left(describeErrors(decoded.left))
  const { v: _, ...stale } = decoded.right
  return Either.right(stale)
}
