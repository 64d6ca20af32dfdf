/** What a running server can be asked about its recordings. */
import { type Handler, handlerOf, type Verb } from '@smacks/control'
import { type Recording, type RecordingStatus, selectionOf } from '@smacks/recording-files'
import * as Either from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'

/** Bare JIDs, normalised; `*` stands for all. */
const accounts = t.readonlyArray(t.string)

const startRequest = t.strict({ accounts, redact: t.boolean })
const stopRequest = t.strict({ accounts })

const status: t.Type<RecordingStatus, object, unknown> = t.intersection([
  t.strict({ accounts, redacted: t.boolean, directory: t.string }),
  t.partial({ file: t.string, trouble: t.string }),
])

export const recordStart: Verb<t.TypeOf<typeof startRequest>, RecordingStatus> = {
  name: 'record start',
  request: startRequest,
  answer: status,
}

export const recordStop: Verb<t.TypeOf<typeof stopRequest>, RecordingStatus> = {
  name: 'record stop',
  request: stopRequest,
  answer: status,
}

export const recordStatus: Verb<object, RecordingStatus> = {
  name: 'record status',
  request: t.strict({}),
  answer: status,
}

/** What the server does for them. */
export const recordHandlers = (recording: Recording): ReadonlyArray<Handler> => [
  handlerOf(recordStart, async ({ accounts, redact }) => recording.start(selectionOf(accounts), redact)),
  handlerOf(recordStop, ({ accounts }) => recording.stop(selectionOf(accounts))),
  handlerOf(recordStatus, async () => Either.right(recording.status())),
]
