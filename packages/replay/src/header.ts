/** The first line of a recording. */
import { configCodec } from '@smacks/codec'
import * as Either from '#fp-ts/Either'
import * as t from '#io-ts'
import { instant, nothingElse, orAbsent, wholeNumber } from './plain-codecs.js'
import { type RecordingHeader, recordingVersion, versionWithOthers } from './recording.js'

const members = {
  recording: t.literal('smacks'),
  reducer: wholeNumber,
  config: configCodec,
  at: instant,
  by: t.string,
  redacted: t.boolean,
  exported: orAbsent(t.literal(true)),
}

const ofTheCore = nothingElse(t.readonly(t.type({ ...members, version: t.literal(recordingVersion) })), [
  ...['recording', 'version', 'reducer', 'config', 'at', 'by', 'redacted', 'exported'],
])

const withOthers = nothingElse(
  t.readonly(
    t.type({
      ...members,
      version: t.literal(versionWithOthers),
      reducers: t.readonly(t.record(t.string, wholeNumber)),
    }),
  ),
  ['recording', 'version', 'reducer', 'reducers', 'config', 'at', 'by', 'redacted', 'exported'],
)

export const headerLine = ({ recording, version, reducer, reducers, config, ...rest }: RecordingHeader): string =>
  JSON.stringify({
    recording,
    version,
    reducer,
    ...(reducers === undefined ? {} : { reducers }),
    config: configCodec.encode(config),
    ...rest,
  })

const beginning = '{"recording":"smacks",'

/** True if the line may be a header that broke off. */
export const mayBeginHeader = (line: string): boolean => line.startsWith(beginning) || beginning.startsWith(line)

/** The header, if the version is one that can be read. The version is looked at first, since all else depends on it. */
export const decodeHeader = (value: unknown): Either.Either<t.Errors | string, RecordingHeader> => {
  if (!isVersioned(value))
    return Either.left('this is no recording: the first line must begin {"recording":"smacks","version":')
  if (value.version === recordingVersion) return ofTheCore.decode(value)
  return value.version === versionWithOthers ? withOthers.decode(value) : Either.left(wrongVersion(value))
}

interface Versioned {
  readonly recording: 'smacks'
  readonly version: unknown
  readonly by?: unknown
}

const isVersioned = (value: unknown): value is Versioned =>
  typeof value === 'object' &&
  value !== null &&
  'recording' in value &&
  value.recording === 'smacks' &&
  'version' in value

const wrongVersion = ({ version, by }: Versioned): string => {
  const found = JSON.stringify(version).slice(0, 40)
  const newer = typeof version === 'number' && version > versionWithOthers
  const hint = newer
    ? `; it was made by a newer smacks${typeof by === 'string' ? `, ${JSON.stringify(by.slice(0, 80))}` : ''}, and needs one to be read`
    : ''
  return `version: found ${found}, allowed: ${recordingVersion}, ${versionWithOthers}${hint}`
}
