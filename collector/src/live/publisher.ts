import type { KeptChange, ToldSession } from '../sessions/keeper.ts'
import type { ReceivedView } from '../store/store.ts'
import type { LiveEvent, LiveSession, LiveStats } from './event.ts'
import type { StatsBlock } from './stats-block.ts'
import { createTraffic } from './traffic.ts'

type Clocks = Pick<ToldSession, 'durationMs' | 'totalMs' | 'visibleMs' | 'engagedMs'>

const NOTHING: Clocks = { durationMs: 0, totalMs: 0, visibleMs: 0, engagedMs: 0 }

/** An open session whose figures are published. */
interface Published {
  session: ToldSession
  block: StatsBlock
  clocks: Clocks
  cycle: number
  /** When it was last published, in ms since the epoch. */
  at: number
}

/** Decides what is published of each change, and when. */
export interface Publisher {
  note(views: readonly ReceivedView[]): void
  eventsOf(changes: readonly KeptChange[]): LiveEvent[]
  /** What is due because time has passed. */
  due(): LiveEvent[]
  /** What is not published yet: the next process goes on from what was kept. */
  rest(): LiveEvent[]
}

export function createPublisher(blocks: ReadonlyMap<string, StatsBlock>, now: () => Date): Publisher {
  const open = new Map<string, Published>()
  const blockOf = (site: string) => blocks.get(site) ?? blocks.get('*')
  const traffic = createTraffic((site) => blockOf(site)?.rated_message_size)

  function eventsOfChange({ session, before, hasEnded, isAmendment }: KeptChange): LiveEvent[] {
    if (isAmendment) {
      traffic.forget(session.sessionId)
      return []
    }
    const events: LiveEvent[] = []
    const published = publishedOf(session, before ?? NOTHING)
    if (!before) events.push(eventOf('session.on_join', session))
    if (published) events.push(...statsOfChange(published, { isStart: !before, hasEnded }))
    if (hasEnded) {
      events.push(eventOf('session.on_leave', session))
      open.delete(session.sessionId)
      traffic.forget(session.sessionId)
    }
    return events
  }

  /** After a restart its figures go on from what was last kept. */
  function publishedOf(session: ToldSession, clocks: Clocks): Published | undefined {
    const block = blockOf(session.site)
    if (!block) return undefined
    const known = open.get(session.sessionId)
    const published = known ?? { session, block, clocks, cycle: 0, at: now().getTime() }
    published.session = session
    open.set(session.sessionId, published)
    return published
  }

  function statsOfChange(published: Published, { isStart, hasEnded }: { isStart: boolean; hasEnded: boolean }) {
    const { block, session } = published
    const events: LiveEvent[] = []
    const rated = traffic.of(session.sessionId).ratedMessages
    const isRated = block.trigger_after_rated_messages > 0 && rated >= block.trigger_after_rated_messages
    if (isStart && block.trigger_on_join) events.push(publish(published, { first: true, last: false }))
    else if (!hasEnded && (isRated || isLong(published))) events.push(publish(published, { first: false, last: false }))
    if (hasEnded && block.trigger_on_leave) events.push(publish(published, { first: false, last: true }))
    return events
  }

  const isLong = ({ block, at }: Published) =>
    block.trigger_after_duration > 0 && now().getTime() - at >= 1000 * block.trigger_after_duration

  function publish(published: Published, { first, last }: { first: boolean; last: boolean }): LiveEvent {
    const { session, clocks } = published
    const { messages, bytes, ratedMessages } = traffic.of(session.sessionId)
    const timestampMs = now().getTime()
    const durationMs = session.durationMs - clocks.durationMs
    published.cycle += 1
    published.at = timestampMs
    published.clocks = session
    traffic.forget(session.sessionId)
    const stats: LiveStats = {
      bytes,
      cycle: published.cycle,
      duration: durationMs * 1e6,
      durationMs,
      first,
      last,
      messages,
      rated_messages: ratedMessages,
      serializer: 'json',
      timestamp: timestampMs * 1e6,
      timestampMs,
      totalMs: session.totalMs - clocks.totalMs,
      visibleMs: session.visibleMs - clocks.visibleMs,
      engagedMs: session.engagedMs - clocks.engagedMs,
    }
    return { ...eventOf('session.on_stats', session), stats }
  }

  return {
    note: traffic.note,
    eventsOf: (changes) => changes.flatMap(eventsOfChange),
    due: () =>
      [...open.values()]
        .filter((published) => isLong(published) && traffic.of(published.session.sessionId).messages > 0)
        .map((published) => publish(published, { first: false, last: false })),
    rest: () =>
      [...open.values()]
        .filter((published) => published.clocks !== published.session)
        .map((published) => publish(published, { first: false, last: false })),
  }
}

const eventOf = (name: LiveEvent['name'], session: ToldSession): LiveEvent => ({
  name,
  componentName: session.componentName,
  session: liveSession(session),
})

const liveSession = ({ userId, visitorId, site, sessionId }: ToldSession): LiveSession => ({
  authid: userId ?? visitorId ?? '',
  authrole: userId ? 'user' : 'anonymous',
  realm: site,
  session: sessionId,
})
