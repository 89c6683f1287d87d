import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** An empty directory for the running test. */
export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'dwelltime-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}
