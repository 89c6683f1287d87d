import { poll } from '../../../e2e/support/poll.ts'

/** Until the process has ended. */
export async function gone(pid: number): Promise<void> {
  const isGone = () => {
    try {
      return !process.kill(pid, 0)
    } catch {
      return true
    }
  }
  await poll(isGone, 'the end of the browser')
}
