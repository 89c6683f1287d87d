import type { ComponentType } from 'preact'
import type { FilterName, ViewName } from '../address/address.ts'
import type { Place } from '../address/use-address.ts'
import { Live } from './live.tsx'
import { Overview } from './overview.tsx'
import { Page } from './page.tsx'
import { Pages } from './pages.tsx'
import { Quality } from './quality.tsx'
import { Session } from './session.tsx'
import { Sessions } from './sessions.tsx'
import { Time } from './time.tsx'
import { Users } from './users.tsx'

export interface View {
  title: (place: Place) => string
  /** Filters that it takes beside site, days and zone. */
  filters: readonly FilterName[]
  /** Whether it is about days at all. */
  hasDays: boolean
  /** Of the menu; a detail has that of the list it belongs to. */
  menu: ViewName
  Content: ComponentType
}

const PAGES: readonly FilterName[] = ['page', 'page_group']
const PEOPLE: readonly FilterName[] = ['campaign', 'referrer', 'device', 'user', 'bots']
const ALL = [...PAGES, ...PEOPLE]

const named = (name: string) => () => name

export const VIEWS: Record<ViewName, View> = {
  overview: { title: named('Overview'), filters: ALL, hasDays: true, menu: 'overview', Content: Overview },
  time: { title: named('Time'), filters: ALL, hasDays: true, menu: 'time', Content: Time },
  pages: { title: named('Pages'), filters: ALL, hasDays: true, menu: 'pages', Content: Pages },
  page: {
    title: ({ address }) => (address.filter.page ? `Page ${address.filter.page}` : 'All pages'),
    ...{ filters: ALL, hasDays: true, menu: 'pages', Content: Page },
  },
  sessions: { title: named('Sessions'), filters: ALL, hasDays: true, menu: 'sessions', Content: Sessions },
  session: {
    title: ({ address }) => `Session ${address.session?.slice(0, 8) ?? ''}`.trim(),
    ...{ filters: [], hasDays: false, menu: 'sessions', Content: Session },
  },
  users: { title: named('Users'), filters: ALL, hasDays: true, menu: 'users', Content: Users },
  live: { title: named('Live'), filters: [...PAGES, ...PEOPLE], hasDays: false, menu: 'live', Content: Live },
  quality: { title: named('Data quality'), filters: ALL, hasDays: true, menu: 'quality', Content: Quality },
}

export const MENU: readonly [ViewName, string][] = [
  ['overview', 'Overview'],
  ['time', 'Time'],
  ['pages', 'Pages'],
  ['sessions', 'Sessions'],
  ['users', 'Users'],
  ['live', 'Live'],
  ['quality', 'Data quality'],
]
