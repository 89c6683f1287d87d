import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { followLive, type ReceivedEvent } from '../../src/live/client.ts'
import { runMonitor } from '../../src/live/monitor.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { bundleCollector, run, start } from '../support/process.ts'
import { envelope, id, view } from '../support/records.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const SESSION = { authid: 'ann', authrole: 'user', realm: 'docs', session: id('5e') }
const message = (number: number) =>
  `id: 00000000-${number}\nevent: session.on_join\ndata: ${JSON.stringify({ session: SESSION })}\n\n`

/** A stream of which each connection gets the next script: text to write, then its end. */
async function createStream(scripts: string[][]) {
  const asked: (string | undefined)[] = []
  const server: Server = createServer((request, response) => {
    asked.push(request.headers['last-event-id'] as string | undefined)
    const script = scripts.shift()
    if (!script) return
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const chunk of script) response.write(chunk)
    response.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { asked, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

test('the client reads messages however they are cut, and comes back with the last id', async () => {
  const stopping = new AbortController()
  const first = `retry: 1\n\n${message(1)}:\n\n${message(2)}`
  const { asked, origin } = await createStream([
    [first.slice(0, 40), first.slice(40, 41), first.slice(41)],
    [message(3)],
  ])
  const events: ReceivedEvent[] = []
  await followLive({
    origin,
    signal: stopping.signal,
    onEvent(event) {
      events.push(event)
      if (events.length === 3) stopping.abort()
    },
  })
  expect(events.map((event) => event.id)).toEqual(['00000000-1', '00000000-2', '00000000-3'])
  expect(events[0]).toEqual({ id: '00000000-1', name: 'session.on_join', session: SESSION })
  expect(asked).toEqual([undefined, '00000000-2'])
})

test('the monitor prints a line for each event; names of pages are no orders to the terminal', async () => {
  const stopping = new AbortController()
  const stats = {
    ...{ bytes: 600, cycle: 2, durationMs: 5_000, engagedMs: 4_000, visibleMs: 5_000, messages: 3 },
    ...{ first: false, last: true },
  }
  const session = { ...SESSION, authid: 'a\u001b[31mnn' }
  const text = `id: 00000000-1\nevent: session.on_stats\ndata: ${JSON.stringify({ session, stats })}\n\n`
  const { origin } = await createStream([[text]])
  const lines: string[] = []
  await runMonitor({
    ...{ args: ['--url', origin], env: {}, note: () => {}, isColoured: false, signal: stopping.signal },
    print(line) {
      lines.push(line)
      stopping.abort()
    },
  })
  expect(lines).toEqual([
    expect.stringMatching(
      /^\d\d:\d\d:\d\d {2}stats {2}docs {2}00000000 {2}a\ufffd\[31mnn {2}\+5\.0 s \(engaged 4\.0 s, visible 5\.0 s\) {2}3 messages, 600 bytes {2}cycle 2 last$/,
    ),
  ])
})

describe('the command', () => {
  let bundle = { main: '', remove: () => {} }
  beforeAll(async () => {
    bundle = await bundleCollector()
  })
  afterAll(() => bundle.remove())

  const send = async (origin: string, digits: string) => {
    const now = Date.now()
    const times = { sessionStartedAt: now - 60_000, startedAt: now - 60_000, lastActivityAt: now }
    const record = view({ viewId: id(digits), sessionId: id(digits), ...times })
    await fetch(`${origin}/v1/records`, { method: 'POST', body: JSON.stringify(envelope([record], { sentAt: now })) })
  }

  test('follows a real collector over its restart, as JSON lines', async () => {
    const dataDir = temporaryDirectory()
    const first = await start(bundle.main, dataDir)
    const monitor = run(bundle.main, ['monitor', '--url', first.origin, '--json', '-d'])
    await vi.waitFor(() => expect(monitor.output.stderr).toContain('connected'), 30_000)
    await send(first.origin, '51')
    await vi.waitFor(() => expect(monitor.output.stdout).toContain(id('51')), 30_000)
    first.child.kill('SIGTERM')
    expect(await first.exited).toMatchObject({ code: 0 })

    const second = await start(bundle.main, dataDir, ['--port', new URL(first.origin).port])
    await vi.waitFor(() => expect(monitor.output.stderr.match(/connected/g)).toHaveLength(2), 40_000)
    expect(monitor.output.stderr).toContain('some events are lost')
    await send(second.origin, '52')
    await vi.waitFor(() => expect(monitor.output.stdout).toContain(id('52')), 30_000)
    const lines = monitor.output.stdout.trim().split('\n')
    expect(lines.map((line) => JSON.parse(line).name)).toEqual(['session.on_join', 'session.on_join'])
    monitor.child.kill('SIGINT')
    expect(await monitor.exited).toMatchObject({ code: 0 })
  })

  test('says what is wrong', async () => {
    expect(await run(bundle.main, ['monitor', '--nonsense']).exited).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("Unknown option '--nonsense'"),
    })
    const { origin } = await start(bundle.main, temporaryDirectory())
    const refused = await run(bundle.main, ['monitor', '--url', origin, '--token', 'wrong']).exited
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('the collector answered 401')
    expect(await run(bundle.main, ['mcp', '--help']).exited).toMatchObject({ code: 0, stderr: '' })
  })

  test('a wrong size of rated messages is told at the start', async () => {
    const stats = '{docs: {rated_message_size: 300}}'
    expect(await run(bundle.main, ['--port', '0', '--stats', stats]).exited).toEqual({
      ...{ code: 1, stdout: '' },
      stderr: 'dwelltime: --stats.docs.rated_message_size: want a power of two, not 300\n',
    })
  })
})
