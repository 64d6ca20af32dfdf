/** A disk in memory that is as slow, and as broken, as a test wants it. */
import type { RecordingFiles } from '../../../packages/recording-files/src/files.js'

export interface Disk extends RecordingFiles {
  /** What the files hold, by name. */
  readonly files: ReadonlyMap<string, string>
  /** How many bytes each write had. */
  readonly writes: ReadonlyArray<number>
  /** Files that are open. */
  readonly opened: () => number
  /** Writes that are under way at once, at most. */
  readonly writesAtOnce: () => number
  /** From now on writes wait for `proceed`. */
  readonly hang: () => void
  /** Lets all writes that wait, and all that come, be made. */
  readonly proceed: () => void
  /** No more than so many bytes fit from now on. */
  readonly room: (bytes: number) => void
  /** From now on files cannot be made. */
  readonly refuse: (reason: string | undefined) => void
}

export const createDisk = (): Disk => {
  const files = new Map<string, string>()
  const writes: Array<number> = []
  let left = Number.POSITIVE_INFINITY
  let refusal: string | undefined
  let opened = 0
  let underWay = 0
  let most = 0
  let gate: Promise<void> | undefined
  let openGate = (): void => {}

  const write = async (name: string, bytes: Uint8Array): Promise<void> => {
    underWay += 1
    most = Math.max(most, underWay)
    await gate
    underWay -= 1
    writes.push(bytes.length)
    const fitting = bytes.subarray(0, left)
    left -= fitting.length
    files.set(name, `${files.get(name) ?? ''}${Buffer.from(fitting).toString()}`)
    if (fitting.length < bytes.length) throw new Error('ENOSPC: no space left on device, write')
  }

  return {
    files,
    writes,
    opened: () => opened,
    writesAtOnce: () => most,
    hang: () => {
      gate ??= new Promise(resolve => {
        openGate = resolve
      })
    },
    proceed: () => {
      openGate()
      gate = undefined
    },
    room: bytes => {
      left = bytes
    },
    refuse: reason => {
      refusal = reason
    },
    create: async name => {
      if (refusal !== undefined) throw new Error(refusal)
      if (files.has(name)) throw new Error(`EEXIST: file already exists, open '${name}'`)
      files.set(name, '')
      opened += 1
      return {
        write: bytes => write(name, bytes),
        truncate: async bytes => {
          files.set(name, (files.get(name) ?? '').slice(0, bytes))
        },
        close: async () => {
          opened -= 1
        },
      }
    },
    list: async () => [...files.keys()],
    remove: async name => void files.delete(name),
  }
}
