import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/**
 * Where the random scripts of all properties begin. Always the same on CI: what is red there was broken by the change.
 * Elsewhere each run is another one; `npm run properties` looks for what happens once in 100,000 days.
 */
const SEED = process.env.SEED ?? (process.env.CI ? '1' : `${Math.floor(Math.random() * 2 ** 31)}`)
if (process.env.CI) console.log(`SEED=${SEED}`)

export default defineConfig({
  resolve: {
    // The collector is tested against the wire's source, not against a build that may be old.
    alias: { 'dwelltime/protocol': fileURLToPath(new URL('src/protocol/record.ts', import.meta.url)) },
  },
  test: {
    // What is slow is told by benchmarks; a busy machine fails no test.
    testTimeout: 60_000,
    include: ['test/**/*.test.ts', 'collector/test/**/*.test.ts'],
    setupFiles: ['test/support/seed.ts'],
    env: { SEED },
  },
})
