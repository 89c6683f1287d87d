import type { Dwell } from '../../src/index.ts'
import { handoverOf, stateOf } from '../support/dwell.ts'
import { arrived } from '../support/engine.ts'
import { expect, poll, read, test } from '../support/fixtures.ts'
import { makeTempDir, removeDir } from '../support/process.ts'
import { without } from '../support/shown-time.ts'
import { endedSession, endedViews, expectTime, storedViews, sum } from '../support/stored.ts'

test('two pages in a row are one session with two views, and no time is lost between them', async ({
  collector,
  open,
  pages,
}) => {
  const tab = await open(pages.url('/first'))
  await read(700)
  await tab.click('#next')
  await arrived(tab, '/next')
  await read(700)
  const handover = await handoverOf(tab)
  await tab.close()
  const shown = without(tab.shownTime(), handover)

  const views = await endedViews(collector, 2)
  expect(views.map((view) => view.path)).toEqual(['/first', '/next'])
  expect(new Set(views.map((view) => view.viewId)).size).toBe(2)
  expectTime(sum(views, 'visibleMs'), shown)
  const sessions = await collector.sessions()
  expect(sessions).toHaveLength(1)
  expectTime(sessions[0]!.visibleMs, shown)
  expectTime(sessions[0]!.durationMs, shown)
})

test('a session ends by inactivity after 3 s and a buffer of 2 s, and lasted until 1 s after the last activity', async ({
  collector,
  open,
  pages,
}) => {
  const options = { sessionExpirationThreshold: 0.05, bufferTimeBeforeEnd: 2, idleCredit: 1, userId: 'ada' }
  const tab = await open(pages.url('/read', { options }))
  await read(500)
  const { leastMs } = tab.shownTime()
  await tab.input('key')
  const { mostMs } = tab.shownTime()
  const truth = { leastMs: leastMs + 1_000, mostMs: mostMs + 1_000 }

  const session = await endedSession(collector)
  const elapsed = tab.shownTime()
  expect(elapsed.mostMs - leastMs).toBeGreaterThan(5_000)
  expect(session).toMatchObject({ status: 'success', endReason: 'inactivity' })
  expect(session.views).toHaveLength(1)
  expect(session.views[0]).toMatchObject({ endReason: 'inactivity', sessionEndReason: 'inactivity' })
  for (const ms of [session.durationMs, session.visibleMs, session.totalMs, session.engagedMs]) expectTime(ms, truth)

  const today = new Date(session.startedAt).toISOString().slice(0, 10)
  const [duration] = await collector.durations({ start_date: today, end_date: today })
  expect(duration).toEqual({ user_id: 'ada', average_duration: session.durationMs / 1_000 })
})

test('a session that its page has ended is over for the next page, though the first could not read any more', async ({
  collector,
  open,
  pages,
}) => {
  const tab = await open(pages.url('/first'))
  await read(500)
  await tab.eval(() => {
    IDBObjectStore.prototype.get = () => ({}) as IDBRequest // as in a page that is gone before the answer
    ;(window.dwelltime as Dwell).end()
  })
  await read(300)
  await tab.close()
  const next = await open(pages.url('/next'))
  await read(300)
  await next.close()

  const [first, second] = await endedViews(collector, 2)
  expect(first).toMatchObject({ path: '/first', sessionEndReason: 'explicit' })
  expect(second!.path).toBe('/next')
  expect(second!.sessionId).not.toBe(first!.sessionId)
})

test('the next activity after the end of a session begins another, on the page that stayed open', async ({
  collector,
  open,
  pages,
}) => {
  const options = { sessionExpirationThreshold: 0.01, bufferTimeBeforeEnd: 0.2, idleCredit: 0.2 }
  const tab = await open(pages.url('/read', { options }))
  const { sessionId } = await stateOf(tab)
  await endedSession(collector)
  expect(await stateOf(tab)).toMatchObject({ stands: 'ended' })
  await tab.input('key')
  await read(300)
  await tab.close()

  const views = await endedViews(collector, 2)
  expect(views.map((view) => view.endReason)).toEqual(['inactivity', 'leave'])
  expect(views[0]!.sessionId).toBe(sessionId)
  expect(views[1]!.sessionId).not.toBe(sessionId)
  expectTime(views[0]!.visibleMs, 200)
})

test('activity inside the buffer keeps the session, and all of its time', async ({ collector, open, pages }) => {
  const options = { sessionExpirationThreshold: 0.02, bufferTimeBeforeEnd: 5, idleCredit: 0.2 }
  const tab = await open(pages.url('/read', { options }))
  await tab.eval(() => {
    const heard: string[] = []
    Object.assign(window, { heard })
    for (const name of ['session:ending', 'session:resumed', 'session:end'] as const)
      (window.dwelltime as Dwell).on(name, ({ id }) => heard.push(`${name} ${id}`))
  })
  const heard = () => tab.eval(() => (window as unknown as { heard: string[] }).heard)
  const { sessionId } = await stateOf(tab)
  await poll(async () => (await heard()).length > 0, 'the session to be ending')
  await tab.input('key')
  await poll(async () => (await heard()).length > 1, 'the session to be resumed')
  expect((await heard()).slice(0, 2)).toEqual([`session:ending ${sessionId}`, `session:resumed ${sessionId}`])
  await read(300)
  await tab.close()
  const shown = tab.shownTime()

  const [view, ...others] = await endedViews(collector, 1)
  expect(others).toEqual([])
  expect(view).toMatchObject({ sessionId, endReason: 'leave' })
  expectTime(view!.visibleMs, shown)
})

test('the session of a closed tab is ended by the collector, as a success, and is counted once', async ({
  collector,
  form,
  open,
  pages,
}) => {
  const options = { sessionExpirationThreshold: 0.02, bufferTimeBeforeEnd: 0.2, heartbeatInterval: 0 }
  const tab = await open(pages.url('/read', { options }))
  await read(300)
  await tab.close()
  const shown = tab.shownTime()

  await endedViews(collector, 1)
  expect(await collector.metrics()).toContain('active_sessions{component_name="127.0.0.1"} 1\n')
  const session = await endedSession(collector)
  expect(session).toMatchObject({ status: 'success', endReason: 'inactivity' })
  expect(session.views[0]).toMatchObject({ endReason: 'leave' })
  expect(session.views[0]!.sessionEndReason).toBeUndefined()
  expectTime(session.durationMs, shown)

  const shell = form === 'script' ? 'ScriptTag' : 'NpmModule'
  const metrics = await collector.metrics()
  for (const sample of [
    `session_start_total{component_name="127.0.0.1",shell_type="${shell}"} 1`,
    'session_end_total{component_name="127.0.0.1",status="success"} 1',
    'session_duration_seconds_count{component_name="127.0.0.1"} 1',
    'active_sessions{component_name="127.0.0.1"} 0',
  ])
    expect(metrics).toContain(`${sample}\n`)
})

test.describe('on a profile that outlives the browser', () => {
  test.skip(({ driver }) => !driver.launchWith, 'each start of this engine under automation is a new browser')

  test('a browser that dies while the page is shown leaves a session that is reaped, and tells the time when it is back', async ({
    collector,
    driver,
    pages,
  }) => {
    const options = { sessionExpirationThreshold: 0.05, bufferTimeBeforeEnd: 0.5, heartbeatInterval: 1 }
    const profile = await makeTempDir('profile')
    const first = await driver.launchWith!(profile)
    const tab = await first.open(pages.url('/read', { options }))
    await read(300)
    await tab.input('key')
    await poll(async () => ((await storedViews(collector))[0]?.visibleMs ?? 0) > 800, 'a heartbeat')
    await read(500) // which only the local store knows of
    const shown = tab.shownTime()
    await first.kill()

    const session = await endedSession(collector)
    expect(session).toMatchObject({ status: 'error', endReason: 'reaped' })
    expect(session.views).toHaveLength(1)
    expect(session.visibleMs).toBeGreaterThan(800)
    expect(session.visibleMs).toBeLessThan(shown.mostMs + 200)
    expect(await collector.metrics()).toContain('session_end_total{component_name="127.0.0.1",status="error"} 1\n')

    const second = await driver.launchWith!(profile)
    const next = await second.open(pages.url('/next'))
    const [view] = await poll(async () => {
      const views = await storedViews(collector)
      return views.length === 2 && views[0]!.seq > session.views[0]!.seq && views
    }, 'the last checkpoint of the dead page')
    await next.close()
    await second.stop()
    await removeDir(profile)
    expect(view!.sessionId).toBe(session.sessionId)
    // What a crash costs is at most what lies between two checkpoints.
    expectTime(view!.visibleMs, { leastMs: shown.leastMs - 300, mostMs: shown.mostMs })
  })
})
