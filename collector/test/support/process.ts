import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { rollup } from 'rollup'
import { onTestFinished } from 'vitest'

const collectorDir = fileURLToPath(new URL('../..', import.meta.url))

/** Ignored by git, and below the dependencies, which the bundle imports. */
const cacheDir = join(collectorDir, 'node_modules/.cache')

/** Bundles the sources as they are now, beside the dependencies and away from `dist`; answers what removes it again. */
export async function bundleCollector(): Promise<{ main: string; remove: () => void }> {
  const config = await import(pathToFileURL(join(collectorDir, 'rollup.config.mjs')).href)
  mkdirSync(cacheDir, { recursive: true })
  const directory = mkdtempSync(join(cacheDir, 'test-'))
  const main = join(directory, 'main.mjs')
  const bundle = await rollup(config.bundle)
  await bundle.write({ ...config.output, file: main })
  return { main, remove: () => rmSync(dirname(main), { recursive: true }) }
}

/** A run of the collector to its end. */
export interface Exit {
  code: number | null
  stdout: string
  stderr: string
}

/** Starts the collector; whatever the test leaves running is killed with it. */
export function run(main: string, options: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [main, ...options], { env: { PATH: process.env.PATH, ...env } })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text) => (output.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text) => (output.stderr += text))
  onTestFinished(() => void child.kill('SIGKILL'))
  const exited = once(child, 'close').then(([code]): Exit => ({ code, ...output }))
  return { child, output, exited }
}

/** Starts the collector on any free port; resolves when it listens. */
export const start = (main: string, dataDir: string, options: string[] = []) =>
  started(run(main, ['--port', '0', '--data-dir', dataDir, ...options]))

/** Resolves when it listens. */
export async function started(process: ReturnType<typeof run>) {
  const origin = await Promise.race([
    listening(process.child, process.output),
    process.exited.then(({ stderr }) => Promise.reject(new Error(`did not start: ${stderr}`))),
  ])
  return { ...process, origin }
}

async function listening(child: ChildProcess, output: { stdout: string }): Promise<string> {
  for (;;) {
    const origin = /listening on (\S+)\n/.exec(output.stdout)?.[1]
    if (origin) return origin
    await once(child.stdout!, 'data')
  }
}
