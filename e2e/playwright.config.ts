import { defineConfig } from '@playwright/test'
import type { EngineName } from './support/engine.ts'

const HARNESS = 'harness.spec.ts'
const reportFile = process.env.E2E_REPORT
const engines: EngineName[] = ['chromium', 'firefox', 'webkit']

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
