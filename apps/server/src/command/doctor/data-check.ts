/** The data folder: who owns it, who else could use it, and whether there is room. Nothing is made or changed. */
import { type Finding, findingsAbout } from '@smacks/doctor'
import { permissionFindings } from '../../permissions.js'
import { dataFolderProblem, nearestFolder } from '../data-folder-problem.js'

export interface DataCheckOptions {
  readonly data: string
  readonly key: string | undefined
  readonly configFile: string | undefined
  readonly hasSecret: boolean
  /** In a sentence, if a server runs on it. */
  readonly owner: string | undefined
  /** Of the disk where the path is: bytes that this user may still write, and all. */
  readonly room: (path: string) => { readonly free: number; readonly all: number }
}

const mebibyte = 1024 * 1024

/** Below this nothing much can be taken in any more. */
const littleRoom = 100 * mebibyte

const { ok, warn, fail } = findingsAbout('data')

export const checkData = (options: DataCheckOptions): ReadonlyArray<Finding> => {
  const { data, owner, room } = options
  const problem = dataFolderProblem(data)
  if (problem !== undefined) return [fail(problem, 'set data to a folder that the server may write')]
  return [
    ok(owner === undefined ? `${data}; no server runs on it` : `${data}; a server runs on it`),
    ...permissionFindings(options).map(({ problem: text, isUnsafe }) => (isUnsafe ? fail(text) : warn(text))),
    roomOf(room(nearestFolder(data))),
  ]
}

const roomOf = ({ free, all }: ReturnType<DataCheckOptions['room']>): Finding => {
  const text = `${Math.floor(free / mebibyte).toLocaleString('en')} MiB are free on its disk`
  const advice = 'make room: when the disk is full, nothing is taken in or acknowledged'
  if (free < littleRoom) return fail(text, advice)
  return free < all / 20 ? warn(text, advice) : ok(text)
}
