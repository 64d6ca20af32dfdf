/** A disk that is soon full, and can be given more space: a file system in memory, which only root may mount. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SmallDisk {
  readonly path: string
  /** From now on it has so many kilobytes. */
  readonly resize: (kilobytes: number) => void
  /** Takes it away, with all that is on it. */
  readonly remove: () => void
}

export const mountSmallDisk = (path: string, kilobytes: number): SmallDisk => {
  mkdirSync(path, { recursive: true })
  mount('-t', 'tmpfs', '-o', `size=${kilobytes}k,mode=700`, 'smacks-test', path)
  return {
    path,
    resize: more => mount('-o', `remount,size=${more}k`, path),
    // Lazily: a server that a failed test left behind may still use it.
    remove: () => {
      execFileSync('umount', ['-l', path], { stdio: 'pipe' })
    },
  }
}

/** True if this process may mount one. */
export const canMount = (): boolean => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  const folder = mkdtempSync(join(tmpdir(), 'smacks-mount-'))
  try {
    mountSmallDisk(join(folder, 'disk'), 64).remove()
    return true
  } catch {
    return false
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const mount = (...args: ReadonlyArray<string>): void => {
  execFileSync('mount', args, { stdio: 'pipe' })
}
