/**
 * What the last screen of `npm test` says of coverage: how much of the core and the codec the tests went through, and
 * where the rest is. The thresholds in `vitest.config.ts` make the run fail.
 */
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What is used here of istanbul's map of coverage. */
interface CoverageMap {
  readonly files: () => ReadonlyArray<string>
  readonly fileCoverageFor: (file: string) => FileCoverage
}

interface FileCoverage {
  /** How often each way of a branch was gone, by the branch's number. */
  readonly b: Readonly<Record<string, ReadonlyArray<number>>>
  readonly branchMap: Readonly<Record<string, { readonly loc: Place }>>
  /** The same of functions and of statements. */
  readonly f: Readonly<Record<string, number>>
  readonly fnMap: Readonly<Record<string, { readonly loc: Place }>>
  readonly s: Readonly<Record<string, number>>
  readonly statementMap: Readonly<Record<string, Place>>
}

interface Place {
  readonly start: { readonly line: number }
}

/** One thing that a test may go through, and how often that was. */
interface Watched {
  readonly count: number
  readonly place: Place | undefined
}

const kinds = {
  branches: ({ b, branchMap }: FileCoverage): ReadonlyArray<Watched> =>
    Object.entries(b).flatMap(([key, counts]) => counts.map(count => ({ count, place: branchMap[key]?.loc }))),
  functions: ({ f, fnMap }: FileCoverage): ReadonlyArray<Watched> =>
    Object.entries(f).map(([key, count]) => ({ count, place: fnMap[key]?.loc })),
  statements: ({ s, statementMap }: FileCoverage): ReadonlyArray<Watched> =>
    Object.entries(s).map(([key, count]) => ({ count, place: statementMap[key] })),
}

const namedAtMost = 20

const root = fileURLToPath(new URL('../..', import.meta.url))

/** How many branches, functions and statements there are and were gone, and a line for each that was not. Throws where none was watched. */
export const coverageLines = (coverage: unknown): ReadonlyArray<string> => {
  const map = coverage as CoverageMap
  return Object.entries(kinds).flatMap(([kind, watchedOf]) => {
    const all = map.files().flatMap(file =>
      watchedOf(map.fileCoverageFor(file)).map(({ count, place }) => ({
        count,
        place: `${relative(root, file)}:${place?.start.line}`,
      })),
    )
    // A gate that watches nothing would be open for ever.
    if (all.length === 0) throw new Error(`no ${kind}: does coverage.include in vitest.config.ts name the sources?`)
    const missed = all.filter(({ count }) => count === 0)
    const more = missed.length - namedAtMost
    return [
      `${all.length - missed.length} of ${all.length} ${kind} of core and codec are gone by some test`,
      ...missed.slice(0, namedAtMost).map(({ place }) => `not gone (${kind}): ${place}`),
      ...(more > 0 ? [`not gone: ${more} more`] : []),
    ]
  })
}
