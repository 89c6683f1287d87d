import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { EngineName } from '../../../e2e/support/engine.ts'
import { driveChromium } from './chromium.ts'
import type { Driver } from './driver.ts'
import { driveFirefox } from './firefox.ts'
import { driveWebkit } from './webkit.ts'

export interface Candidate {
  name: EngineName
  title: string
  start(): Promise<Driver>
  /** The variable that names it, empty or absent when it is not on this machine. */
  variable: string
  /** The command that says its version; its first word may be the variable. */
  version: string[]
}

export const CANDIDATES: Candidate[] = [
  {
    name: 'chromium',
    title: 'Chromium',
    start: driveChromium,
    variable: 'CHROMIUM_BIN',
    version: ['CHROMIUM_BIN', '--version'],
  },
  {
    name: 'firefox',
    title: 'Firefox',
    start: driveFirefox,
    variable: 'FIREFOX_BIN',
    version: ['FIREFOX_BIN', '--version'],
  },
  {
    name: 'webkit',
    title: 'WebKitGTK',
    start: driveWebkit,
    variable: 'WEBKIT_DRIVER',
    // Its browser needs a screen even to say its version, and its driver says none: the package is asked.
    version: ['dpkg-query', '--show', 'webkit2gtk-driver'],
  },
]

export async function versionOf({ title, version: [command, ...args] }: Candidate): Promise<string> {
  const answer = await promisify(execFile)(process.env[command!] ?? command!, args).catch(() => undefined)
  return `${title} ${answer?.stdout.match(/\d+(\.\d+)+/)?.[0] ?? '(version unknown)'}`
}
