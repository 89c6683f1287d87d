import { defineConfig } from '@playwright/test'

const HARNESS = 'harness.spec.ts'
const reportFile = process.env.E2E_REPORT

export default defineConfig<{ form: 'script' | 'npm' }>({
  testDir: 'scenarios',
  outputDir: '../test-results',
  globalSetup: './support/ensure-browser.mjs',
  workers: Number(process.env.WORKERS ?? 2),
  fullyParallel: true,
  timeout: 60_000,
  forbidOnly: !!process.env.CI,
  reporter: reportFile ? [['list'], ['json', { outputFile: reportFile }]] : 'list',
  projects: [
    { name: 'harness', testMatch: HARNESS },
    { name: 'chromium-script', testIgnore: HARNESS, use: { form: 'script' } },
    { name: 'chromium-npm', testIgnore: HARNESS, use: { form: 'npm' } },
  ],
})
