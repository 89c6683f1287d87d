import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: {
    // The collector is tested against the wire's source, not against a build that may be old.
    alias: { 'dwelltime/protocol': fileURLToPath(new URL('src/protocol/record.ts', import.meta.url)) },
  },
  test: {
    include: ['test/**/*.test.ts', 'collector/test/**/*.test.ts'],
  },
})
