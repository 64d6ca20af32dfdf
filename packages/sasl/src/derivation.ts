/**
 * PBKDF2 in the thread pool, which other things need too (the journal's commits, name look-ups, files): only a few run at
 * once, and only so many wait.
 */
import { pbkdf2 } from 'node:crypto'

export interface Derivation {
  readonly password: string
  readonly salt: Uint8Array
  readonly iterations: number
  /** Bytes of the result. */
  readonly length: number
  readonly digest: 'sha1' | 'sha256'
}

/** The key; `busy`: too many wait already; `unwanted`: nobody wants to know any more. */
export type Derived = Uint8Array | 'busy' | 'unwanted'

export interface Derivations {
  /** Rejects only if the parameters are invalid. `isWanted` is called when its turn comes. */
  readonly derive: (derivation: Derivation, isWanted: () => boolean) => Promise<Derived>
}

export interface DerivationsOptions {
  /** At once; 2 unless given, half of the threads that Node has by default. */
  readonly running?: number
  /** Those that may wait for their turn. */
  readonly waiting: number
}

export const createDerivations = ({ running = 2, waiting }: DerivationsOptions): Derivations => {
  const queue: Array<() => void> = []
  let free = running

  const next = (): void => {
    const begin = queue.shift()
    if (begin === undefined) free += 1
    else begin()
  }

  return {
    derive: (derivation, isWanted) =>
      new Promise((resolve, reject) => {
        const begin = (): void => {
          if (!isWanted()) {
            resolve('unwanted')
            return next()
          }
          run(derivation).then(resolve, reject).finally(next)
        }
        if (free > 0) {
          free -= 1
          begin()
        } else if (queue.length < waiting) queue.push(begin)
        else resolve('busy')
      }),
  }
}

const run = ({ password, salt, iterations, length, digest }: Derivation): Promise<Uint8Array> =>
  new Promise((resolve, reject) => {
    pbkdf2(password, salt, iterations, length, digest, (error, key) => (error === null ? resolve(key) : reject(error)))
  })
