import { createHash } from 'node:crypto'
import { clockCorrectionMs } from '../sessions/clock-correction.ts'
import type { ReceivedView } from './store.ts'

// Who was deleted must be known for as long as late records may come, and be known to nobody who reads the store:
// hashes do both.

/** When what the hash stands for was deleted. */
export type Tombstones = ReadonlyMap<string, number>

export const sessionHash = (sessionId: string): string => hash(`session ${sessionId}`)
/** Of the id that was asked for, be it a user's or a visitor's. */
export const personHash = (id: string): string => hash(`person ${id}`)
/** Of a visitor id beside it: others may use the same device, so it counts only where no user is named. */
export const visitorHash = (id: string): string => hash(`visitor ${id}`)

const hash = (text: string) => createHash('sha256').update(text).digest('hex')

/** Every hash under which a record may have been deleted, that of its session first. */
export const hashesOf = ({ record: { sessionId, userId, visitorId } }: ReceivedView): string[] => [
  sessionHash(sessionId),
  ...(userId ? [personHash(userId)] : []),
  ...(visitorId ? [personHash(visitorId)] : []),
  ...(visitorId && !userId ? [visitorHash(visitorId)] : []),
]

/** Whether it is of a deleted session, or of a deleted person before the deletion; whoever comes back later is new. */
export function isDeleted(view: ReceivedView, tombstones: Tombstones): boolean {
  if (tombstones.size === 0) return false
  const [session, ...people] = hashesOf(view)
  if (tombstones.has(session!)) return true
  const startedAt = view.record.sessionStartedAt + clockCorrectionMs(view.skewMs)
  return people.some((person) => startedAt <= (tombstones.get(person) ?? Number.NEGATIVE_INFINITY))
}
