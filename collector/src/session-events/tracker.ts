import type { LiveEvent } from '../live/event.ts'
import { type CountingRules, seriesLimitReached, sessionEnded, sessionStarted, timeOpen } from '../metrics/counts.ts'
import type { EventMetrics, EventType } from '../metrics/events.ts'
import { componentNameOf, createLabels, LABEL_SOURCES } from '../metrics/labels.ts'
import type { Fact, Store } from '../store/store.ts'
import { parseSessionEvent, type SessionEnd, type SessionStart, sessionIdOf } from './events.ts'

/** A session of a component that says nothing for so long is over: it was killed, or its end was lost. */
const LONGEST_MS = 24 * 60 * 60 * 1000

/** Ends at one look. */
const PORTION = 200

export type TrackResult =
  | { status: 200; answer: { status: 'tracked'; session_id: string } }
  | { status: 400 | 404; problem: string }

/** What is stored of a component's session. */
interface Body {
  site: string
  componentName: string
}

export interface TrackerOptions {
  store: Store
  rules: CountingRules
  metrics: Pick<EventMetrics, 'countFailure'>
  emit: (events: readonly LiveEvent[]) => void
}

/** Counts the sessions of other components, each start and each end once. */
export function createSessionTracker({ store, rules, metrics, emit }: TrackerOptions) {
  async function start(event: SessionStart): Promise<TrackResult> {
    const labels = createLabels(await store.counters(LABEL_SOURCES), rules.pageGroups)
    const component = labels.componentName(event.component_name)
    const body: Body = { site: event.component_name, componentName: component.value }
    const sessionId = sessionIdOf(event)
    const counts = [
      sessionStarted({ componentName: component.value, client: event.shell_type }, rules),
      ...(component.isFolded ? [seriesLimitReached('component_name')] : []),
    ]
    const fact: Fact = {
      ...{ id: sessionId, kind: 'component', at: event.timestamp, sessionId, person: '' },
      body: JSON.stringify(body),
    }
    if (await store.addFact(fact, counts)) emit([eventOf('session.on_join', fact)])
    return { status: 200, answer: { status: 'tracked', session_id: sessionId } }
  }

  async function end({ session_id, status, timestamp }: SessionEnd): Promise<TrackResult> {
    const fact = await store.fact(session_id)
    if (fact?.kind !== 'component') return { status: 404, problem: 'session_id: want one that was started here' }
    await close(fact, status, timestamp)
    return { status: 200, answer: { status: 'tracked', session_id } }
  }

  async function close(fact: Fact, status: 'success' | 'error', endedAt: number): Promise<void> {
    const { componentName } = bodyOf(fact)
    const durationMs = Math.max(0, endedAt - fact.at)
    const counts = [
      ...sessionEnded({ componentName, status, durationMs }, rules),
      timeOpen({ componentName }, durationMs),
    ]
    if (await store.closeFact(fact.id, counts)) emit([eventOf('session.on_leave', fact)])
  }

  return {
    async track(input: unknown): Promise<TrackResult> {
      const { value: event, problem } = parseSessionEvent(input)
      if (problem === undefined) return event.event === 'session_start' ? start(event) : end(event)
      metrics.countFailure(await knownComponent(input), eventTypeOf(input), 'ValidationError')
      return { status: 400, problem }
    },
    /** Ends those that were given up. */
    async reap(now: Date): Promise<void> {
      for (const fact of await store.openFacts('component', PORTION)) {
        if (now.getTime() - fact.at < LONGEST_MS) return
        await close(fact, 'error', fact.at + LONGEST_MS)
      }
    },
  }

  /** Only a name that was counted before: whoever sends nonsense makes no series. */
  async function knownComponent(input: unknown): Promise<string> {
    const site = fieldOf(input, 'component_name')
    const name = typeof site === 'string' ? componentNameOf(site) : 'other'
    const starts = await store.counters(['session_start_total'])
    return starts.some(({ labels }) => labels.component_name === name) ? name : 'other'
  }
}

const bodyOf = (fact: Fact) => JSON.parse(fact.body) as Body

const eventOf = (name: LiveEvent['name'], fact: Fact): LiveEvent => ({
  name,
  componentName: bodyOf(fact).componentName,
  session: { authid: '', authrole: 'anonymous', realm: bodyOf(fact).site, session: fact.id },
})

const fieldOf = (input: unknown, name: string): unknown =>
  typeof input === 'object' && input !== null ? (input as Record<string, unknown>)[name] : undefined

function eventTypeOf(input: unknown): EventType {
  const event = fieldOf(input, 'event')
  return event === 'session_start' || event === 'session_end' ? event : 'other'
}
