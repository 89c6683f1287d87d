/**
 * `npm run mutation`: is each line of the core proven by a test? Every line is broken in turn, and a test has to notice.
 * What is left over, and why, is in docs/mutation.md.
 */
export default {
  mutate: ['src/core/**/*.ts'],
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.mutation.config.ts' },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  // On a machine with other work to do. An endless loop is found out before, by counting.
  timeoutMS: 60_000,
  reporters: ['clear-text', 'progress'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  // What has not changed since the last run keeps its answer.
  incremental: true,
  incrementalFile: '.stryker-tmp/incremental.json',
  // Everything else that lies in the working tree is none of its business.
  ignorePatterns: ['collector', 'demo', 'docs', 'e2e', 'bench', 'dist'],
  thresholds: { high: 95, low: 90, break: 90 },
}
