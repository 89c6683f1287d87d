import { describe, expect, test } from 'vitest'
import { createSessionRule, type Session } from '../../src/core/session.ts'
import { minutes, seconds, type WallTime } from '../../src/core/time.ts'
import { EPOCH } from '../support/replay.ts'

const THRESHOLD = minutes(30)
const BUFFER = seconds(60)
const { judge, endsAt, agree, timeoutMs } = createSessionRule(THRESHOLD, BUFFER, 0)

const NOW: WallTime = EPOCH
const END = NOW + THRESHOLD + BUFFER

const session = (given: Partial<Session> = {}): Session => ({
  id: 'mine',
  startedAt: NOW,
  lastActivityAt: NOW,
  ...given,
})
const other = (given: Partial<Session> = {}): Session => session({ id: 'theirs', ...given })

describe('what is said of a session', () => {
  test.each<[string, WallTime, string]>([
    ['at its last activity it goes on', NOW, ''],
    ['just before the threshold it goes on', NOW + THRESHOLD - 1, ''],
    ['at the threshold it is ending', NOW + THRESHOLD, 'ending'],
    ['just before the end of the buffer it is ending', END - 1, 'ending'],
    ['at the end of the buffer it is over', END, 'inactivity'],
    ['days later it is over', NOW + minutes(10_000), 'inactivity'],
    ['when the clock was set back it goes on', NOW - minutes(60), ''],
  ])('%s', (_, now, verdict) => {
    expect(judge(session(), now)).toBe(verdict)
  })

  test('it slides with the last activity, not with the start', () => {
    expect(judge(session({ startedAt: NOW - minutes(300) }), NOW + THRESHOLD - 1)).toBe('')
  })

  test('ended on purpose it is over at any time', () => {
    expect(judge(session({ ended: 'explicit' }), NOW)).toBe('explicit')
    expect(judge(session({ ended: 'explicit' }), END)).toBe('explicit')
  })

  test('without a buffer it is never ending', () => {
    const rule = createSessionRule(THRESHOLD, 0, 0)
    expect(rule.judge(session(), NOW + THRESHOLD - 1)).toBe('')
    expect(rule.judge(session(), NOW + THRESHOLD)).toBe('inactivity')
  })

  test('it ends a threshold and a buffer after the last activity', () => {
    expect(endsAt(session())).toBe(END)
    expect(timeoutMs).toBe(THRESHOLD + BUFFER)
  })
})

describe('what two tabs agree on', () => {
  test('with nothing in the store my session stands', () => {
    expect(agree(undefined, session(), NOW)).toMatchObject(session())
  })

  test('a session that goes on is adopted as it is', () => {
    const shared = other({ startedAt: NOW - minutes(50), lastActivityAt: NOW - minutes(5) })
    expect(agree(shared, session(), NOW)).toMatchObject(shared)
  })

  test('a session that is ending is adopted: it may be resumed', () => {
    const shared = other({ lastActivityAt: NOW - THRESHOLD - BUFFER + 1 })
    expect(agree(shared, session(), NOW)).toMatchObject(shared)
  })

  test('a session that is over is not: mine stands', () => {
    expect(agree(other({ lastActivityAt: NOW - THRESHOLD - BUFFER }), session(), NOW)).toMatchObject(session())
    expect(agree(other({ ended: 'explicit' }), session(), NOW)).toMatchObject(session())
  })

  test('of the same session the later activity counts, whoever saw it', () => {
    const early = session()
    const late = session({ lastActivityAt: NOW + 9_000 })
    expect(agree(early, late, NOW + 9_000)).toMatchObject(late)
    expect(agree(late, early, NOW + 9_000)).toMatchObject(late)
  })

  test('an activity in the future is taken for now', () => {
    expect(agree(other({ lastActivityAt: NOW + minutes(600) }), session(), NOW)).toMatchObject(other())
    expect(agree(session({ lastActivityAt: NOW + minutes(600) }), session(), NOW)).toMatchObject(session())
  })

  test('one that has ended follows ours if it began no earlier; not if it begins in the future', () => {
    const mine = session({ startedAt: NOW - 5_000 })
    expect(agree(other({ ended: 'explicit' }), mine, NOW)).toMatchObject(other())
    expect(agree(other({ ended: 'explicit', startedAt: NOW + 1_000 }), mine, NOW)).toMatchObject(mine)
  })

  test('an ended session is never revived', () => {
    const ended = session({ ended: 'explicit' })
    expect(agree(ended, session({ lastActivityAt: NOW + 5_000 }), NOW + 5_000)).toMatchObject({ ended: 'explicit' })
    expect(agree(session(), ended, NOW)).toMatchObject({ ended: 'explicit' })
  })

  test.each([
    ['null', null],
    ['a text', 'session'],
    ['a number', 7],
    ['nothing of a session', {}],
    ['no instants', { id: 'x' }],
    ['an activity that is no instant', { id: 'x', startedAt: NOW, lastActivityAt: 'soon' }],
    ['an activity that is no number', { id: 'x', startedAt: NOW, lastActivityAt: Number.NaN }],
  ])('with %s in the store my session stands', (_, garbage) => {
    expect(agree(garbage as unknown as Session, session(), NOW)).toMatchObject(session())
  })
})
