import { expect, onTestFinished, test } from 'vitest'
import type { LiveEvent } from '../../src/live/event.ts'
import { createHub } from '../../src/live/hub.ts'

const KIB = 'x'.repeat(1_024)

/** An event of a KiB and a little. */
const event = (session: string, realm = 'docs'): LiveEvent => ({
  ...{ name: 'session.on_join', componentName: realm },
  session: { authid: KIB, authrole: 'user', realm, session },
})

function createWorld() {
  const told = { clients: 0, dropped: 0 }
  const health = {
    setLiveClients(clients: number) {
      told.clients = clients
    },
    countLiveClientDropped() {
      told.dropped += 1
    },
  }
  const hub = createHub({ health, maxClients: 10 })
  onTestFinished(() => hub.stop())
  const open = (lastEventId?: string) => hub.open({ site: undefined, lastEventId })!.getReader()
  return { hub, told, open }
}

const decoder = new TextDecoder()
const idsOf = (text: string) => [...text.matchAll(/^id: \S+-(\d+)$/gm)].map(([, number]) => Number(number))

test('a client that reads nothing is dropped, and counted; the others get everything, in order', async () => {
  const { hub, told, open } = createWorld()
  const stalled = open()
  const living = open()
  await living.read()
  const ids: number[] = []
  let batches = 0
  while (told.dropped === 0 && batches < 1_000) {
    hub.send(Array.from({ length: 100 }, (_, index) => event(`${batches}-${index}`)))
    batches += 1
    ids.push(...idsOf(decoder.decode((await living.read()).value)))
  }
  expect(told).toEqual({ clients: 1, dropped: 1 })
  expect(batches).toBeLessThan(100) // some 4 MiB, not more
  expect(ids).toEqual(Array.from({ length: batches * 100 }, (_, index) => index + 1))
  await expect(
    (async () => {
      for (;;) await stalled.read()
    })(),
  ).rejects.toThrow('too slow')
})

test('who was away for longer than events are kept is told, and gets those that are', async () => {
  const { hub, open } = createWorld()
  const first = open()
  await first.read()
  hub.send([event('first')])
  const [, id] = /^id: (\S+)$/m.exec(decoder.decode((await first.read()).value))!
  await first.cancel()
  for (let batch = 0; batch < 50; batch++) hub.send(Array.from({ length: 100 }, () => event('later')))

  const back = decoder.decode((await open(id).read()).value)
  expect(back).toMatch(/^retry: 2000\n\nevent: gap\ndata: \{\}\n\n/)
  const ids = idsOf(back)
  expect(ids.at(-1)).toBe(5_001)
  expect(ids[0]).toBeGreaterThan(2)
  expect(ids).toEqual(Array.from({ length: ids.length }, (_, index) => ids[0]! + index))
  expect(back.length).toBeLessThan(2.1 * 1024 * 1024)
})

test('the end of the collector is the end of every stream', async () => {
  const { hub, told, open } = createWorld()
  const readers = [open(), open()]
  for (const reader of readers) await reader.read()
  hub.stop()
  for (const reader of readers) expect(await reader.read()).toEqual({ done: true, value: undefined })
  expect(told.clients).toBe(0)
})
