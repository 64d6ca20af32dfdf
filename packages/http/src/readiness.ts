/** Whether a server serves, as far as its parts tell. */
export interface Readiness {
  /** This keeps it from serving, or does so no more; said in a few words. */
  readonly note: (reason: string, holds: boolean) => void
  /** All that holds now, what came first before the others. */
  readonly whyNot: () => ReadonlyArray<string>
}

/** Nothing keeps it from serving yet. */
export const createReadiness = (): Readiness => {
  const reasons = new Set<string>()
  return {
    note: (reason, holds) => {
      if (holds) reasons.add(reason)
      else reasons.delete(reason)
    },
    whyNot: () => [...reasons],
  }
}
