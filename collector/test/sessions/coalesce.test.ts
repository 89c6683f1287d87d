import { expect, test } from 'vitest'
import { coalesce } from '../../src/sessions/coalesce.ts'

/** Work of which each run ends when it is told to. */
function createWork() {
  const runs: { end: () => void; fail: (error: Error) => void }[] = []
  const ask = coalesce(() => new Promise<void>((end, fail) => void runs.push({ end, fail })))
  return { runs, ask }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('whoever asks while it runs waits for one more run, all for the same', async () => {
  const { runs, ask } = createWork()
  const answered: string[] = []
  const asked = ['a', 'b', 'c'].map((name) => ask().then(() => answered.push(name)))
  expect(runs).toHaveLength(1)
  runs[0]!.end()
  await turn()
  expect(answered).toEqual(['a'])
  expect(runs).toHaveLength(2)
  runs[1]!.end()
  await Promise.all(asked)
  expect(answered).toEqual(['a', 'b', 'c'])
  void ask()
  expect(runs).toHaveLength(3)
})

test('a run that fails is told to its own callers, not to the next', async () => {
  const { runs, ask } = createWork()
  const first = expect(ask()).rejects.toThrow('once')
  const second = ask()
  runs[0]!.fail(new Error('once'))
  await first
  await turn()
  runs[1]!.end()
  await expect(second).resolves.toBeUndefined()
})
