import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The longest that a process may take to say that it is ready. */
const READY_LIMIT_MS = 20_000

export interface Running {
  pid: number
  /** Everything that it printed so far, both streams. */
  output(): string
  /** The first match in its output. Rejects when the process ends first, or takes too long. */
  printed(pattern: RegExp): Promise<RegExpMatchArray>
  /** Reaches the whole process group. Does nothing once the process has ended. */
  signal(name: NodeJS.Signals): void
  /** Its exit code, once all of it has ended; null when a signal ended it. */
  exited: Promise<number | null>
}

const leftovers = new Set<Running>()
process.on('exit', () => {
  for (const child of leftovers) child.signal('SIGKILL')
})

/** Each child leads its own process group, so that ending it ends its children, and nobody else's. */
export function run(command: string, args: string[], env: NodeJS.ProcessEnv = process.env): Running {
  const child = spawn(command, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env })
  let output = ''
  let onOutput = () => {}
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      onOutput()
    })
  }
  const exited = new Promise<number | null>((resolve) => {
    child.on('error', (error) => {
      output += `${error.message}\n`
      resolve(null)
    })
    child.on('close', resolve) // not 'exit': its last words and its children may come after that
  })

  const running: Running = {
    pid: child.pid ?? 0,
    output: () => output,
    exited,
    signal(name) {
      if (!leftovers.has(running)) return
      try {
        process.kill(-child.pid!, name)
      } catch {
        // It ended a moment ago.
      }
    },
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const give = (why: string) => reject(new Error(`${command} ${why}, and had not printed ${pattern}:\n${output}`))
        const timer = setTimeout(() => give(`ran for ${READY_LIMIT_MS} ms`), READY_LIMIT_MS)
        exited.then((code) => {
          clearTimeout(timer)
          give(`ended with ${code}`)
        })
        onOutput = () => {
          const match = output.match(pattern)
          if (!match) return
          clearTimeout(timer)
          resolve(match)
        }
        onOutput()
      }),
  }
  if (child.pid) leftovers.add(running)
  exited.then(() => leftovers.delete(running))
  return running
}

export const makeTempDir = (name: string) => mkdtemp(join(tmpdir(), `dwelltime-${name}-`))

/** Tries for a while: the children of a browser write on for a moment after it has ended. */
export const removeDir = (dir: string) => rm(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
