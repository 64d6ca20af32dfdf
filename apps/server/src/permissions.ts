/**
 * Who else on this machine could read or change what the server relies on. What is merely unwise is said; what lets anybody
 * put another database or another key in place is refused.
 */
import { type Stats, statSync } from 'node:fs'
import { join } from 'node:path'

export interface PermissionsOptions {
  readonly data: string
  /** The private key, if it is not that of the self-signed certificate. */
  readonly key?: string | undefined
  readonly configFile?: string | undefined
  /** The configuration has a secret in it. */
  readonly hasSecret?: boolean
}

export interface PermissionFinding {
  readonly path: string
  /** In octal, as `chmod` takes it. */
  readonly mode: string
  /** What is wrong and what to do, in one or two sentences. */
  readonly problem: string
  /** Nobody should serve like this. */
  readonly isUnsafe: boolean
}

/** The effective user; nothing on systems whose files have no such modes. */
export const effectiveUser = (): number | undefined => (process.platform === 'win32' ? undefined : process.geteuid?.())

/** What is wrong with the modes and owners; what is not there is not judged. */
export const permissionFindings = (
  { data, key, configFile, hasSecret = false }: PermissionsOptions,
  user: number | undefined = effectiveUser(),
): ReadonlyArray<PermissionFinding> => {
  if (user === undefined) return []
  return [
    ...found(data, 'the data folder', user, folderProblem),
    ...found(join(data, 'self-signed.pem'), 'the private key of the self-signed certificate', user, keyProblem),
    ...(key === undefined ? [] : found(key, 'the private key', user, keyProblem)),
    ...(configFile === undefined
      ? []
      : found(configFile, 'the configuration', user, hasSecret ? secretProblem : configProblem)),
  ]
}

interface Problem {
  readonly what: string
  readonly advice: string
  readonly isUnsafe?: boolean
}

type Judge = (mode: number, path: string) => Problem | undefined

const readByOthers = 0o004
const writtenByOthers = 0o002
const writtenByGroup = 0o020
const anythingForOthersOrGroup = 0o077
/** Whoever may write into a folder may not take away what others put there. */
const sticky = 0o1000

const folderProblem: Judge = (mode, path) => {
  if ((mode & writtenByOthers) !== 0 && (mode & sticky) === 0)
    return {
      what: 'can be written by every user of this machine, who could put other accounts and messages in place',
      advice: `chmod 700 ${path}`,
      isUnsafe: true,
    }
  return (mode & anythingForOthersOrGroup) === 0
    ? undefined
    : { what: "can be entered by others than the server's user", advice: `chmod 700 ${path}` }
}

/** A group that may read keys is common: other servers use the same certificate. */
const keyProblem: Judge = (mode, path) => {
  if ((mode & writtenByOthers) !== 0)
    return { what: 'can be written by every user of this machine', advice: `chmod 640 ${path}`, isUnsafe: true }
  if ((mode & readByOthers) !== 0)
    return { what: 'can be read by every user of this machine', advice: `chmod 640 ${path}; consider a new key` }
  return (mode & writtenByGroup) === 0
    ? undefined
    : { what: 'can be written by its group', advice: `chmod 640 ${path}` }
}

const configProblem: Judge = (mode, path) =>
  (mode & (writtenByOthers | writtenByGroup)) === 0
    ? undefined
    : { what: "can be written by others than the server's user", advice: `chmod go-w ${path}` }

const secretProblem: Judge = (mode, path) =>
  (mode & readByOthers) === 0
    ? configProblem(mode, path)
    : {
        what: 'has a token and can be read by every user of this machine',
        advice: `chmod 640 ${path}; consider a new token`,
      }

const root = 0

const found = (path: string, name: string, user: number, judge: Judge): ReadonlyArray<PermissionFinding> => {
  const stats = statsOf(path)
  if (stats === undefined) return []
  const mode = stats.mode & 0o7777
  const finding = ({ what, advice, isUnsafe = false }: Problem): PermissionFinding => ({
    path,
    mode: mode.toString(8).padStart(4, '0'),
    problem: `${name} ${path} has the mode ${mode.toString(8).padStart(4, '0')}: it ${what}. To mend it: ${advice}`,
    isUnsafe,
  })
  const problem = judge(mode, path)
  const isForeign = stats.uid !== user && stats.uid !== root
  return [
    ...(problem === undefined ? [] : [finding(problem)]),
    ...(isForeign
      ? [
          finding({
            what: `belongs to the user ${stats.uid}, and the server runs as ${user}`,
            advice: `chown ${user} ${path}`,
          }),
        ]
      : []),
  ]
}

/** What cannot be looked at is told by whoever needs it. */
const statsOf = (path: string): Stats | undefined => {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}
