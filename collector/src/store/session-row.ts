import { bucketOf } from '../log-buckets.ts'
import type { ChangedSession, KeptSession } from './store.ts'

/** The parameters of the statement that saves a session. */
export function sessionRow({ client: _, people: __, isBot, breaks, tenths, ...session }: KeptSession) {
  return {
    ...session,
    person: session.userId || session.visitorId || '',
    weight: 1 / session.samplingRate,
    durationBucket: bucketOf(session.durationMs),
    visibleBucket: bucketOf(session.visibleMs),
    engagedBucket: bucketOf(session.engagedMs),
    isBot: Number(isBot),
    breaks: JSON.stringify(breaks),
    tenths: JSON.stringify(tenths),
  }
}

/** What is read of a session that was kept; null throughout if it was not. */
export interface KeptRow {
  site: string | null
  component_name: string | null
  status: KeptSession['status'] | null
}

export const keptBefore = ({ site, component_name, status }: KeptRow): ChangedSession['kept'] =>
  site !== null && component_name !== null && status !== null
    ? { site, componentName: component_name, status }
    : undefined
