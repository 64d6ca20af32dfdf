/** A JavaScript runtime, as the tests use it. */

export interface Runtime {
  readonly name: string
  /** Why it cannot run here, for the last screen; nothing if it can. */
  readonly absence: () => string | undefined
  /**
   * Imports `suite.mjs` and `corpus.mjs` of the folder and calls the suite's `report` with the corpus. Rejects with
   * what the runtime said if that fails.
   */
  readonly run: (folder: string) => Promise<Ran>
}

export interface Ran {
  /** As the runtime states it. */
  readonly version: string
  /** The report, as JSON. */
  readonly report: string
}

/** So long may a runtime take, in milliseconds, before it is given up. */
export const patience = 60_000

/** The modules of the folder; what a runtime needs besides is written next to them. */
export const suiteModule = 'suite.mjs'
export const corpusModule = 'corpus.mjs'
