import type { ReportRow } from '../../../src/client.ts'

export interface Section {
  name: string
  views: number
  users: number
  totalMs: number
  visibleMs: number
  engagedMs: number
}

/** Timers whoever ran them and whenever, those with most engaged time first. */
export function sectionsOf(rows: readonly ReportRow<'timers'>[]): Section[] {
  const sections = new Map<string, Section & { people: Set<string> }>()
  for (const { timer, user, views, totalMs, visibleMs, engagedMs } of rows) {
    const section = sections.get(timer) ?? {
      ...{ name: timer, views: 0, users: 0, people: new Set<string>() },
      ...{ totalMs: 0, visibleMs: 0, engagedMs: 0 },
    }
    sections.set(timer, section)
    if (user) section.people.add(user)
    section.views += views
    section.totalMs += totalMs
    section.visibleMs += visibleMs
    section.engagedMs += engagedMs
  }
  return [...sections.values()]
    .map(({ people, ...section }) => ({ ...section, users: people.size }))
    .sort((a, b) => b.engagedMs - a.engagedMs)
}
