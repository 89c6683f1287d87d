import { expect, test, vi } from 'vitest'
import { createGroupCommit, OverloadError } from '../../src/ingest/group-commit.ts'
import type { Outcome, ReceivedView } from '../../src/store/store.ts'
import { id, received } from '../support/records.ts'

const views = (count: number, name = 'a') =>
  Array.from({ length: count }, (_, index) => received({ viewId: id(`${name}${index}`) }))

/** A store that remembers how records were put together, and names each outcome after its record. */
function createRecorder() {
  const batches: (readonly ReceivedView[])[] = []
  const append = async (batch: readonly ReceivedView[]) => {
    batches.push(batch)
    return batch.map((view) => view.record.viewId as Outcome)
  }
  return { batches, append }
}

test('posts that arrive together share a commit, each gets its own outcomes', async () => {
  const { batches, append } = createRecorder()
  const commit = createGroupCommit(append)
  const posts = [views(2, 'a'), views(1, 'b'), views(3, 'c')]

  const outcomes = await Promise.all(posts.map(commit))
  expect(batches).toEqual([posts.flat()])
  expect(outcomes).toEqual(posts.map((post) => post.map((view) => view.record.viewId)))
})

test('a commit has its limit, the order stays', async () => {
  const { batches, append } = createRecorder()
  const commit = createGroupCommit(append)
  const posts = Array.from({ length: 25 }, (_, index) => views(100, `${index}e`))

  await Promise.all(posts.map(commit))
  expect(batches.map((batch) => batch.length)).toEqual([1000, 1000, 500])
  expect(batches.flat()).toEqual(posts.flat())
})

test('one more batch is handed over while one is written, when it is more than half its size', async () => {
  const releases: (() => void)[] = []
  const sizes: number[] = []
  const commit = createGroupCommit(async (batch) => {
    sizes.push(batch.length)
    await new Promise<void>((resolve) => releases.push(resolve))
    return batch.map(() => 'stored')
  })
  const handedOver = async (post: readonly ReceivedView[]) => {
    const outcomes = commit(post)
    await new Promise(setImmediate)
    return { outcomes, sizes: [...sizes] }
  }
  const posts = [await handedOver(views(6)), await handedOver(views(3)), await handedOver(views(1))]
  expect(posts.map((post) => post.sizes)).toEqual([[6], [6], [6, 4]])
  expect((await handedOver(views(9))).sizes).toEqual([6, 4])

  releases[0]!()
  await posts[0]!.outcomes
  await vi.waitFor(() => expect(sizes).toEqual([6, 4, 9]))
})

test('a post at fault does not cost the others', async () => {
  const commit = createGroupCommit(async (batch) => {
    if (batch.some((view) => view.record.viewId === id('bad'))) throw new Error('poison')
    return batch.map(() => 'stored')
  })
  const results = await Promise.allSettled([
    commit(views(1)),
    commit([received({ viewId: id('bad') })]),
    commit(views(2)),
  ])
  expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(await commit(views(1))).toEqual(['stored'])
})

test('when too many wait, posts are told to come again, until there is room', async () => {
  let release = () => {}
  const commit = createGroupCommit(async (batch) => {
    await new Promise<void>((resolve) => {
      release = resolve
    })
    return batch.map(() => 'stored')
  }, 10)

  const first = commit(views(6))
  await expect(commit(views(5))).rejects.toBeInstanceOf(OverloadError)
  const second = commit(views(4))
  await new Promise(setImmediate)
  await expect(commit(views(1))).rejects.toBeInstanceOf(OverloadError)
  release()
  await Promise.all([first, second])
  const third = commit(views(10))
  await new Promise(setImmediate)
  release()
  expect(await third).toHaveLength(10)
})
