/** `npm run mutate`: what the tests of the core would not notice (https://stryker-mutator.io). */

// The same random sessions for each mutant, and few of them: most mutants die by a sentence of the standard.
process.env.FC_SEED = '198'
process.env.FC_TIMES = '0.1'

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  mutate: ['packages/core/src/**/*.ts'],
  testRunner: 'vitest',
  vitest: { configFile: 'test/mutation/vitest.config.ts', related: false },
  // By its address, since pnpm puts no plugin beside Stryker's core.
  plugins: [import.meta.resolve('@stryker-mutator/vitest-runner')],
  coverageAnalysis: 'perTest',
  concurrency: 2,
  // A machine that is busy with other things is no mutant that never ends.
  timeoutMS: 30_000,
  tempDirName: '.stryker-tmp',
  cleanTempDir: 'always',
  ignorePatterns: ['apps', 'data', 'dist', 'coverage', 'recordings'],
  reporters: ['clear-text', 'json', 'html'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  jsonReporter: { fileName: 'coverage/mutation/mutation.json' },
  htmlReporter: { fileName: 'coverage/mutation/index.html' },
  thresholds: { high: 98, low: 95, break: 95 },
}
