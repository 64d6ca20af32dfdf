/**
 * The version of what is written of sessions. Each row of the log and each snapshot begins with it, as JSON.
 *
 * 1: smacks 0.1. No options, so that nobody knows what a state was made under; reducer 1.
 * 2: names the reducer; states come with the options that what follows was made under.
 */
import { reducerVersion } from '@smacks/core'

const recordVersion = 2

/** How a row or a snapshot begins; its other members follow. */
export const stamp = `{"v":${recordVersion},"reducer":${reducerVersion}`

/** What is allowed, for people. */
export const allowedStamps = `{"v":1} or ${stamp}}`

/** True if what begins so is of a version that we read. */
export const isOurVersion = (text: string): boolean => {
  const found = /^\{"v":(?:1|2,"reducer":(\d{1,9}))[,}]/.exec(text)
  return found !== null && Number(found[1] ?? 1) <= reducerVersion
}

/** Throws an `Error` if a newer program wrote what begins so, at this place. */
export const refuseNewer = (place: string, text: string): void => {
  if (isOurVersion(text)) return
  const [, version, reducer] = /^\{"v":(\d{1,9})(?:,"reducer":(\d{1,9}))?[,}]/.exec(text) ?? []
  const isNewer = Number(version ?? 1) > recordVersion
  if (!isNewer && !(Number(version) === recordVersion && Number(reducer ?? 0) > reducerVersion)) return
  const found = isNewer ? `version ${version}` : `version ${version} with the rules of version ${reducer}`
  const known = isNewer ? `version ${recordVersion}` : `the rules of version ${reducerVersion}`
  throw new Error(`${place} was written by a newer program, in ${found}; this one knows ${known}; nothing was changed`)
}

/** Why what begins so cannot be read. */
export const versionFault = (text: string): string =>
  `found the version ${text.slice(0, 80)}, allowed: ${allowedStamps}`
