/** The lifelines of a diagram, in the order in which they appear. */
import type { Mark, Reach } from './mark.js'

export interface Lifelines {
  /** Takes the next mark. */
  readonly take: (mark: Mark) => void
  readonly names: () => ReadonlyArray<string>
  /** How the session stands after the marks so far. */
  readonly reachOf: (name: string) => Reach
}

export const createLifelines = (): Lifelines => {
  const reaches = new Map<string, Reach>()
  return {
    take: ({ lifeline, reach }) => {
      const known = reaches.get(lifeline)
      if (known === undefined || reach !== undefined) reaches.set(lifeline, reach ?? 'over')
    },
    names: () => [...reaches.keys()],
    reachOf: name => reaches.get(name) ?? 'over',
  }
}
