import { execFileSync } from 'node:child_process'
import { onTestFinished } from 'vitest'
import { temporaryDirectory } from './directory.ts'

/** A file system of so many bytes for the running test; undefined where nobody lets us mount one. */
export function mountTmpfs(bytes: number): string | undefined {
  const path = temporaryDirectory()
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', path], { stdio: 'pipe' })
  } catch {
    return undefined
  }
  onTestFinished(() => void execFileSync('umount', ['--lazy', path]))
  return path
}

/** From now on nothing can be written there, not even by root. */
export const makeReadOnly = (path: string) => void execFileSync('mount', ['-o', 'remount,ro', path])
