/**
 * What the last screen of `npm test` says of coverage: how many branches of the core and the codec the tests went
 * through, and where the others are. The thresholds in `vitest.config.ts` make the run fail.
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
  readonly branchMap: Readonly<Record<string, { readonly loc: { readonly start: { readonly line: number } } }>>
}

const namedAtMost = 20

const root = fileURLToPath(new URL('../..', import.meta.url))

/** How many branches there are and were gone, and a line for each that was not. Throws where none was watched. */
export const coverageLines = (coverage: unknown): ReadonlyArray<string> => {
  const { all, missed } = branchesOf(coverage as CoverageMap)
  // A gate that watches nothing would be open for ever.
  if (all === 0) throw new Error('no branch was watched: does coverage.include in vitest.config.ts name the sources?')
  const more = missed.length - namedAtMost
  return [
    `${all - missed.length} of ${all} branches of core and codec are gone by some test`,
    ...missed.slice(0, namedAtMost).map(place => `not gone: ${place}`),
    ...(more > 0 ? [`not gone: ${more} more`] : []),
  ]
}

const branchesOf = (coverage: CoverageMap): { readonly all: number; readonly missed: ReadonlyArray<string> } => {
  const ways = coverage.files().flatMap(file => {
    const { b, branchMap } = coverage.fileCoverageFor(file)
    return Object.entries(b).flatMap(([branch, counts]) =>
      counts.map(count => ({ count, place: `${relative(root, file)}:${branchMap[branch]?.loc.start.line}` })),
    )
  })
  return { all: ways.length, missed: ways.filter(({ count }) => count === 0).map(({ place }) => place) }
}
