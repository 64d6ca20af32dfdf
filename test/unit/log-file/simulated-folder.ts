/**
 * Files on a disk that forgets what was not synced: of what was written since, each page may be there or not, whatever came
 * first; a file may be as long as it was or as it is; and of the names that were made and removed since, any may be so or not.
 */
import type { LogFile, LogFolder } from '@smacks/log-file'

/** Below what a record takes, so that each has several. */
const pageSize = 64

/** The power is gone: nothing more happens. */
export class PowerLost extends Error {}

interface Inode {
  synced: Buffer
  now: Buffer
}

export interface SimulatedFolderOptions {
  /** What is forgotten when the power is lost: between 0 and 1, for each page, length and name. */
  readonly chance: () => number
  /** For planted faults. */
  readonly syncsFiles?: boolean
  readonly syncsNames?: boolean
}

export interface SimulatedFolder extends LogFolder {
  /** The power is lost during the `count`th call from now on that changes something. */
  readonly losePowerIn: (count: number) => void
  /** What is there when the power is back. */
  readonly restart: () => void
}

export const simulatedFolder = ({
  chance,
  syncsFiles = true,
  syncsNames = true,
}: SimulatedFolderOptions): SimulatedFolder => {
  let synced = new Map<string, Inode>()
  let names = new Map<string, Inode>()
  let left = Number.POSITIVE_INFINITY

  /** True if the power is lost meanwhile: then a part of the call may be done. */
  const step = (): boolean => {
    if (left <= 0) throw new PowerLost()
    left -= 1
    return left === 0
  }
  const changing = (act: () => void, part: () => void = act): void => {
    if (!step()) return act()
    if (chance() < 0.5) part()
    throw new PowerLost()
  }
  const fileOf = (inode: Inode): LogFile => simulatedFile(inode, changing, chance, syncsFiles)
  const inodeOf = (name: string): Inode => {
    const inode = names.get(name)
    if (inode === undefined) throw Object.assign(new Error(`no ${name}`), { code: 'ENOENT' })
    return inode
  }

  return {
    path: 'simulated',
    names: () => [...names.keys()],
    create: name => {
      if (names.has(name)) throw Object.assign(new Error(`${name} is there`), { code: 'EEXIST' })
      const inode: Inode = { synced: Buffer.alloc(0), now: Buffer.alloc(0) }
      changing(() => void names.set(name, inode))
      return fileOf(inode)
    },
    open: name => fileOf(inodeOf(name)),
    remove: name => {
      inodeOf(name)
      changing(() => void names.delete(name))
    },
    sync: () =>
      changing(() => {
        if (syncsNames) synced = new Map(names)
      }),
    losePowerIn: count => {
      left = count
    },
    restart: () => {
      left = Number.POSITIVE_INFINITY
      const after = new Map<string, Inode>()
      for (const name of new Set([...synced.keys(), ...names.keys()])) {
        const inode = chance() < 0.5 ? synced.get(name) : names.get(name)
        if (inode !== undefined) after.set(name, inode)
      }
      for (const inode of new Set(after.values())) inode.now = leftOf(inode, chance)
      for (const inode of after.values()) inode.synced = Buffer.from(inode.now)
      names = after
      synced = new Map(after)
    },
  }
}

type Changing = (act: () => void, part?: () => void) => void

const simulatedFile = (inode: Inode, changing: Changing, chance: () => number, syncs: boolean): LogFile => {
  const sync = (): void => {
    if (syncs) inode.synced = Buffer.from(inode.now)
  }
  return {
    size: () => inode.now.length,
    read: () => Buffer.from(inode.now),
    write: (bytes, position) =>
      changing(
        () => put(inode, bytes, position),
        () => put(inode, bytes.subarray(0, Math.floor(chance() * bytes.length)), position),
      ),
    truncate: size =>
      changing(() => {
        inode.now = Buffer.from(inode.now.subarray(0, size))
      }),
    sync: async () => changing(sync),
    syncNow: () => changing(sync),
    close: () => {},
  }
}

const put = (inode: Inode, bytes: Uint8Array, position: number): void => {
  const length = Math.max(inode.now.length, position + bytes.length)
  const now = Buffer.alloc(length)
  inode.now.copy(now)
  now.set(bytes, position)
  inode.now = now
}

const leftOf = ({ synced, now }: Inode, chance: () => number): Buffer => {
  const length = chance() < 0.5 ? synced.length : now.length
  const left = Buffer.alloc(length)
  for (let from = 0; from < length; from += pageSize) {
    const source = chance() < 0.5 ? synced : now
    if (from < source.length) source.copy(left, from, from, Math.min(from + pageSize, source.length))
  }
  return left
}
