import { defineConfig } from '@playwright/test'
import type { EngineName } from './support/engine.ts'
import { isPresent } from './support/ensure-browser.mjs'

const HARNESS = 'harness.spec.ts'
const PROMETHEUS = 'prometheus.spec.ts'
const apart = [HARNESS, PROMETHEUS]
const reportFile = process.env.E2E_REPORT

const all: EngineName[] = ['chromium', 'firefox', 'webkit']
// On CI the global setup fails when one is missing.
const engines = process.env.CI ? all : all.filter((name) => name === 'chromium' || isPresent(name))

export default defineConfig<object, { form: 'script' | 'npm' }>({
  testDir: 'scenarios',
  outputDir: '../test-results',
  globalSetup: './support/ensure-browser.mjs',
  workers: Number(process.env.WORKERS ?? 2),
  fullyParallel: true,
  timeout: 60_000,
  forbidOnly: !!process.env.CI,
  reporter: reportFile ? [['list'], ['json', { outputFile: reportFile }]] : 'list',
  projects: [
    // What it looks at is the collector; one page of one engine feeds it.
    { name: 'prometheus', testMatch: PROMETHEUS, use: { browserName: 'chromium', form: 'script' as const } },
    ...engines.flatMap((browserName) => [
      { name: `${browserName}-harness`, testMatch: HARNESS, use: { browserName } },
      { name: `${browserName}-script`, testIgnore: apart, use: { browserName, form: 'script' as const } },
      { name: `${browserName}-npm`, testIgnore: apart, use: { browserName, form: 'npm' as const } },
    ]),
  ],
})
