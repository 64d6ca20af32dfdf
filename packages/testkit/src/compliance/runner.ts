/** What a compliance suite needs of a test runner; those of Vitest, Jest and Bun fit as they are. */
export interface TestRunner {
  readonly describe: (name: string, body: () => void) => void
  readonly it: (name: string, body: () => void | Promise<void>) => void
  readonly expect: (actual: unknown) => { readonly toEqual: (expected: unknown) => void }
}

/** What a bench gives back at the end of a test: files, sockets, timers. */
export interface Ending {
  readonly end?: () => Promise<void> | void
}

/** Declares one test that makes a bench of its own and ends it, whatever happens. */
export const onBench =
  <Bench extends Ending>(runner: TestRunner, create: () => Bench | Promise<Bench>) =>
  (sentence: string, body: (bench: Bench) => void | Promise<void>): void =>
    runner.it(sentence, async () => {
      const bench = await create()
      try {
        await body(bench)
      } finally {
        await bench.end?.()
      }
    })
