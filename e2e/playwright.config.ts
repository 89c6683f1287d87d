import { defineConfig } from '@playwright/test'
import type { EngineName } from './support/engine.ts'
import { isPresent } from './support/ensure-browser.mjs'

const HARNESS = 'harness.spec.ts'
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
  projects: engines.flatMap((browserName) => [
    { name: `${browserName}-harness`, testMatch: HARNESS, use: { browserName } },
    { name: `${browserName}-script`, testIgnore: HARNESS, use: { browserName, form: 'script' as const } },
    { name: `${browserName}-npm`, testIgnore: HARNESS, use: { browserName, form: 'npm' as const } },
  ]),
})
