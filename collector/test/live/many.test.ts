import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { temporaryDirectory } from '../support/directory.ts'
import { bundleCollector, start } from '../support/process.ts'
import { envelope, id, view } from '../support/records.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

const CLIENTS = 200
const STALLED = 20
const SECONDS = 8
const RECORDS_PER_SECOND = 200

let bundle = { main: '', remove: () => {} }
beforeAll(async () => {
  bundle = await bundleCollector()
})
afterAll(() => bundle.remove())

/** A client with a socket of its own; a stalled one takes nothing off it. */
async function openClient(port: number, isStalled: boolean) {
  const socket: Socket = connect(port, '127.0.0.1').on('error', () => {})
  onTestFinished(() => void socket.destroy())
  let text = ''
  const ids: number[] = []
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    const lines = text.split('\n')
    text = lines.pop()!
    for (const line of lines) {
      const [, number] = /^id: [0-9a-f]{8}-(\d+)$/.exec(line) ?? []
      if (number) ids.push(Number(number))
    }
  })
  socket.write('GET /api/live HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await new Promise((resolve) => socket.once('data', resolve))
  if (isStalled) socket.pause()
  return { ids }
}

test('200 clients, a tenth of them stalled, at 200 records a second: all others get everything, in order', async () => {
  const stats = '{"*": {"rated_message_size": 256, "trigger_after_rated_messages": 1}}'
  const { child, origin } = await start(bundle.main, temporaryDirectory(), ['--stats', stats, '--rate-limit', '0'])
  const port = Number(new URL(origin).port)
  const clients = await Promise.all(Array.from({ length: CLIENTS }, (_, index) => openClient(port, index < STALLED)))
  const living = clients.slice(STALLED)

  let highestRssMib = 0
  const send = async (second: number) => {
    const now = Date.now()
    const times = { sessionStartedAt: now - 60_000, startedAt: now - 60_000, lastActivityAt: now }
    const records = Array.from({ length: RECORDS_PER_SECOND / 4 }, (_, index) => {
      const digits = (second * 1_000 + index).toString(16)
      const over = { endReason: 'leave', sessionEndReason: 'explicit' } as const
      return view({ viewId: id(`a${digits}`), sessionId: id(`5${digits}`), userId: 'u'.repeat(200), ...times, ...over })
    })
    const body = JSON.stringify(envelope(records, { sentAt: now }))
    const response = await fetch(`${origin}/v1/records`, { method: 'POST', body })
    expect(await response.json()).toEqual({ accepted: records.length, problems: [] })
    const [, kib] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))!
    highestRssMib = Math.max(highestRssMib, Number(kib) / 1024)
  }
  for (let quarter = 0; quarter < SECONDS * 4; quarter++) {
    await send(quarter)
    await new Promise((resolve) => setTimeout(resolve, 250)) // the rate is what it is about
  }

  // Join, figures on joining and leaving, leave.
  const events = SECONDS * RECORDS_PER_SECOND * 4
  const all = Array.from({ length: events }, (_, index) => index + 1)
  for (const client of living) {
    await vi.waitFor(() => expect(client.ids.length).toBe(events), { timeout: 60_000, interval: 100 })
    expect(client.ids).toEqual(all)
  }
  expect(highestRssMib).toBeLessThan(300)
})
