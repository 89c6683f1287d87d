import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/**
 * A process and all that came of it, by parents and not by group: the content processes of Firefox and of WebKit may
 * have groups of their own.
 */
export function tree(root: number): number[] {
  const all = processes()
  const found = [root]
  // Grows while it is walked.
  for (const pid of found) for (const one of all) if (one.parent === pid) found.push(one.pid)
  return found
}

/** Goes over the tree until nothing new turns up: what was born meanwhile is stopped as well. */
export function freeze(root: number): number[] {
  const stopped = new Set<number>()
  for (;;) {
    const fresh = tree(root).filter((pid) => !stopped.has(pid))
    if (fresh.length === 0) return [...stopped]
    signal(fresh, 'SIGSTOP')
    for (const pid of fresh) stopped.add(pid)
  }
}

export function signal(pids: number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name)
    } catch {
      // It ended a moment ago.
    }
  }
}

/** All at once, so that no part of the browser sees another die and can say so. */
export const cutPower = (root: number): void => signal(freeze(root), 'SIGKILL')

function processes(): { pid: number; parent: number }[] {
  if (process.platform !== 'linux') {
    const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n')
    return lines
      .map((line) => line.trim().split(/\s+/).map(Number))
      .map(([pid, parent]) => ({ pid: pid!, parent: parent! }))
  }
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      // pid (name) state ppid …, and the name may have blanks and parentheses.
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
      return [{ pid: Number(name), parent: Number(fields[1]) }]
    } catch {
      return [] // it ended a moment ago
    }
  })
}
