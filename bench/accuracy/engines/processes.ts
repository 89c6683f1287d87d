import { readdirSync, readFileSync } from 'node:fs'

/** A process and all below it, the upper first. Linux only. */
function tree(root: number): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => {
      try {
        // pid (name) state parent: the name may hold anything, brackets too
        return [Number(name), Number(readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[1])]
      } catch {
        return [0, 0] // it ended meanwhile
      }
    })
  const below = (pid: number): number[] => [
    pid,
    ...parents.filter(([, up]) => up === pid).flatMap(([id]) => below(id!)),
  ]
  return below(root)
}

/** Stops a browser with all its processes for a while, as a sleeping machine would; when it stood, in epoch ms. */
export async function stopFor(root: number, wait: () => Promise<unknown>): Promise<{ from: number; to: number }> {
  const pids = tree(root)
  const signal = (name: NodeJS.Signals) => {
    for (const pid of pids) {
      try {
        process.kill(pid, name)
      } catch {
        // A helper of the browser ended meanwhile; the others must not stay stopped for that.
      }
    }
  }
  try {
    signal('SIGSTOP')
    const from = Date.now()
    await wait()
    return { from, to: Date.now() }
  } finally {
    signal('SIGCONT')
  }
}
