/**
 * The version of what is written of sessions. Each row of the log and each snapshot begins with it, as JSON.
 *
 * 1: smacks 0.1. No options, so that nobody knows what a state was made under; reducer 1.
 * 2: names the reducer; states come with the options that what follows was made under.
 * 3: the log lies in files, with all that a batch has. Snapshots are those of version 2.
 * 4: what repeats in a record is written once, and stanzas stand as bytes behind its lines (`row-lines.ts`).
 */
import { reducerVersion } from '@smacks/core'

const recordVersion = 4

/** How a snapshot begins; its other members follow. */
export const snapshotStamp = `{"v":2,"reducer":${reducerVersion}`

/** How the log's own note begins; its other members follow. */
export const logStamp = `{"v":${recordVersion},"reducer":${reducerVersion}`

/** What each segment of the log says of its records. */
export const segmentStamp = `${logStamp}}`

/** What is allowed, for people. */
export const allowedStamps = `{"v":1} or {"v":2 to 4,"reducer":up to ${reducerVersion}}`

/** True if what begins so is of a version that we read. */
export const isOurVersion = (text: string): boolean => {
  const found = /^\{"v":(?:1|[234],"reducer":(\d{1,9}))[,}]/.exec(text)
  return found !== null && Number(found[1] ?? 1) <= reducerVersion
}

/** Throws an `Error` if a newer program wrote what begins so, at this place. */
export const refuseNewer = (place: string, text: string): void => {
  if (isOurVersion(text)) return
  const [, version, reducer] = /^\{"v":(\d{1,9})(?:,"reducer":(\d{1,9}))?[,}]/.exec(text) ?? []
  const isNewer = Number(version ?? 1) > recordVersion
  if (!isNewer && Number(reducer ?? 0) <= reducerVersion) return
  const found = isNewer ? `version ${version}` : `version ${version} with the rules of version ${reducer}`
  const known = isNewer ? `version ${recordVersion}` : `the rules of version ${reducerVersion}`
  throw new Error(`${place} was written by a newer program, in ${found}; this one knows ${known}; nothing was changed`)
}

/** Why what begins so cannot be read. */
export const versionFault = (text: string): string =>
  `found the version ${text.slice(0, 80)}, allowed: ${allowedStamps}`
