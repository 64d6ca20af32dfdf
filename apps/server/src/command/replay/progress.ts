/** A line at the bottom of a terminal that says how far something is. Where no terminal is there is none. */
import type { Screen } from '../terminal.js'

export interface Progress {
  /** So many bytes more were read. */
  readonly add: (bytes: number) => void
  /** Takes the line away, before something else is written, or at the end. */
  readonly clear: () => void
}

/** Milliseconds between two looks at the line. */
const pace = 100

/** `total` bytes are to be read, if that is known. */
export const createProgress = (screen: Screen, total: number | undefined, now = Date.now): Progress => {
  let read = 0
  let shownAt = now()
  let isShown = false
  const clear = (): void => {
    if (isShown) screen.write('\r\u001b[K')
    isShown = false
  }
  return {
    clear,
    add: bytes => {
      read += bytes
      if (screen.isTTY !== true || now() - shownAt < pace) return
      shownAt = now()
      isShown = true
      screen.write(`\r\u001b[Kreplaying: ${megabytes(read)}${total === undefined ? '' : ` of ${megabytes(total)}`}`)
    },
  }
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`
