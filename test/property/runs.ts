/**
 * How often a property is tried. A failure prints its seed: `FC_SEED=... npx vitest run property` replays it.
 * `FC_TIMES=50` tries fifty times as often, for a long look; `npm test` takes a share of the cases only.
 */
export const runs = (numRuns: number): { readonly numRuns: number; readonly seed?: number } => {
  const { FC_SEED: seed, FC_TIMES: times = '1', SMACKS_SHARE_OF_CASES: share = '1' } = process.env
  const often = { numRuns: Math.ceil(numRuns * Number(times) * Number(share)) }
  return seed === undefined ? often : { ...often, seed: Number(seed) }
}
