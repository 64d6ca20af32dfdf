/** The lines of a series that wait to be written, file by file. */
import type { Instant } from '@smacks/core'
import { fileName } from './names.js'

export interface Parts {
  readonly push: (line: string) => void
  /** What is pushed from now on is for the next file. */
  readonly cut: () => void
  /** Takes all that waits for the first file for which something waits. */
  readonly take: () => { readonly name: string; readonly lines: ReadonlyArray<string> } | undefined
  /** Forgets all that waits. */
  readonly clear: () => void
  /** The name of the file that lines are for. */
  readonly file: () => string
}

export const createParts = (start: Instant): Parts => {
  let number = 1
  let last: { readonly name: string; lines: Array<string> } = { name: fileName(start, number), lines: [] }
  /** Those that were cut off before they were taken. */
  const earlier: Array<typeof last> = []

  return {
    push: line => void last.lines.push(line),
    cut: () => {
      number += 1
      if (last.lines.length > 0) earlier.push(last)
      last = { name: fileName(start, number), lines: [] }
    },
    take: () => {
      const cutOff = earlier.shift()
      if (cutOff !== undefined) return cutOff
      const { name, lines } = last
      last.lines = []
      return lines.length === 0 ? undefined : { name, lines }
    },
    clear: () => {
      earlier.length = 0
      last.lines = []
    },
    file: () => last.name,
  }
}
