import { defineConfig } from 'vitest/config'

/** What `npm run mutation` runs for each mutant: the core's own tests, each property a few times, always the same. */
export default defineConfig({
  test: {
    include: ['test/core/**/*.test.ts', 'test/vectors.test.ts'],
    setupFiles: ['test/support/seed.ts'],
    env: { SEED: '1', RUNS: '25' },
    isolate: false,
  },
})
