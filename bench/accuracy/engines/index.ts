import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import type { EngineName } from '../../../e2e/support/engine.ts'
import { driveChromium } from './chromium.ts'
import type { Driver } from './driver.ts'
import { driveFirefox } from './firefox.ts'
import { driveWebkit } from './webkit.ts'

export interface Candidate {
  name: EngineName
  start(): Promise<Driver>
  /** Where its parts are looked for, by the variable that the drivers read. */
  parts: Record<string, string[]>
  /** The command that says its version; one of `parts` by its name. */
  version: string[]
}

export const CANDIDATES: Candidate[] = [
  {
    name: 'chromium',
    start: driveChromium,
    version: ['CHROMIUM_BIN', '--version'],
    parts: { CHROMIUM_BIN: ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'] },
  },
  {
    name: 'firefox',
    start: driveFirefox,
    version: ['FIREFOX_BIN', '--version'],
    parts: { FIREFOX_BIN: ['/usr/bin/firefox-esr', '/usr/bin/firefox'] },
  },
  {
    name: 'webkit',
    start: driveWebkit,
    version: ['dpkg-query', '--show', 'webkit2gtk-driver'],
    parts: {
      WEBKIT_BIN: [
        '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser',
        '/usr/lib/x86_64-linux-gnu/webkitgtk-6.0/MiniBrowser',
      ],
      WEBKIT_DRIVER: ['/usr/bin/WebKitWebDriver'],
    },
  },
]

/** What of it is not on this machine; sets the variables of what is. */
export function missing({ parts }: Candidate): string | undefined {
  for (const [variable, places] of Object.entries(parts)) {
    process.env[variable] ??= places.find((place) => existsSync(place))
    if (!process.env[variable]) return `not on this machine; ${variable} can name it`
  }
  return undefined
}

/** As the binary says it of itself. */
export async function versionOf({ name, version: [command, ...args] }: Candidate): Promise<string> {
  // WebKitGTK's browser needs a screen even to say its version, and its driver says none: there the package is asked.
  const answer = await promisify(execFile)(process.env[command!] ?? command!, args).catch(() => undefined)
  const number = answer?.stdout.match(/\d+(\.\d+)+/)?.[0] ?? '(version unknown)'
  return `${{ chromium: 'Chromium', firefox: 'Firefox', webkit: 'WebKitGTK' }[name]} ${number}`
}
