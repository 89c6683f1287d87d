import { expect, test } from 'vitest'
import { sectionsOf } from '../../dashboard/views/page/sum-sections.ts'
import { groupsOf } from '../../dashboard/views/quality/groups.ts'
import { SESSION_FACTS } from '../../src/tallies/session-parts.ts'
import { VIEW_FACTS } from '../../src/tallies/view-parts.ts'

test('timers of all users and days together', () => {
  const timed = (timer: string, user: string, engagedMs: number) => ({
    ...{ day: '2026-06-15', user, timer, views: 1, totalMs: 3 * engagedMs, visibleMs: 2 * engagedMs, engagedMs },
  })
  expect(sectionsOf([timed('a', 'ann', 5), timed('b', 'ann', 20), timed('a', 'bob', 7), timed('a', '', 1)])).toEqual([
    { name: 'b', views: 1, users: 1, totalMs: 60, visibleMs: 40, engagedMs: 20 },
    { name: 'a', views: 3, users: 2, totalMs: 39, visibleMs: 26, engagedMs: 13 },
  ])
})

test('every fact that the collector counts has its place and words, refusals their reason', () => {
  const counted = [...Object.keys(VIEW_FACTS), ...Object.keys(SESSION_FACTS)].map((fact) => ({ fact, amount: 10 }))
  const { groups, refused, others } = groupsOf([
    ...counted,
    { fact: 'records_accepted', amount: 90 },
    { fact: 'records_rejected_too_old', amount: 10 },
    { fact: 'records_new_idea', amount: 1 },
  ])
  const named = groups.flatMap(({ facts }) => facts.map(({ fact }) => fact))
  expect(named).toEqual(expect.arrayContaining(counted.map(({ fact }) => fact)))
  expect(refused).toEqual([{ fact: 'records_rejected_too_old', name: 'too old', amount: 10, share: 0.1 }])
  expect(others).toEqual([{ fact: 'records_new_idea', amount: 1 }])
})
