import type { ViewRecord } from 'dwelltime/protocol'

// Who reads what, where and how: made up, in the proportions of a small publisher.

export interface Page {
  path: string
  title: string
  group: string
  /** Half of those who stay read for less; 0: a page to go on from. */
  medianMs: number
  /** How often it is chosen, beside the others of its site. */
  weight: number
}

export interface Site {
  name: string
  client: 'ScriptTag' | 'NpmModule'
  pages: readonly Page[]
  /** Part of all sessions that are his. */
  share: number
  /** Beside a working day. */
  weekend: number
  samplingRate: number
  /** Part of its sessions that are of students who signed in. */
  signedIn: number
  /** That somebody goes on to another page. */
  goesOn: number
  /** Views are routes of one document. */
  isApp: boolean
  hasVitals: boolean
  /** Names of timers and sections, by page group. */
  timers: Readonly<Record<string, readonly string[]>>
}

const article = (path: string, title: string, minutes: number, weight: number): Page => ({
  ...{ path, title, group: 'article', medianMs: minutes * 60_000, weight },
})

const MAGAZINE: readonly Page[] = [
  { path: '/', title: 'The Slow Web Magazine', group: 'home', medianMs: 0, weight: 18 },
  { path: '/topics/attention', title: 'Attention', group: 'topic', medianMs: 0, weight: 6 },
  { path: '/topics/craft', title: 'Craft', group: 'topic', medianMs: 0, weight: 5 },
  { path: '/topics/history', title: 'History', group: 'topic', medianMs: 0, weight: 3 },
  article('/articles/average-time', 'Why an average time on page lies', 2.2, 14),
  article('/articles/what-a-tab-knows', 'What a tab knows of its reader', 1.6, 11),
  article('/articles/reading-on-trains', 'Reading on trains', 1.1, 9),
  article('/articles/the-last-scroll', 'The last scroll', 0.9, 8),
  article('/articles/stopwatch', 'A short history of the stopwatch', 3.4, 7),
  article('/articles/forty-tabs', 'Forty tabs and one of them sings', 0.7, 7),
  article('/articles/letters-to-nobody', 'Letters to nobody', 1.9, 5),
  article('/articles/a-clock-in-the-hall', 'A clock in the hall', 2.6, 4),
  article('/articles/quiet-buttons', 'Quiet buttons', 1.3, 4),
  article('/articles/on-leaving', 'On leaving', 0.8, 3),
  article('/articles/paper-trails', 'Paper trails', 2.9, 2),
  article('/articles/footnotes', 'In praise of footnotes', 4.2, 1),
  article('/articles/errata', 'Errata', 0.5, 0.3),
]

/** What everybody reads on the viral day: for half a minute. */
export const VIRAL = MAGAZINE.find(({ path }) => path === '/articles/forty-tabs')!

const COURSES = [
  ['algebra', 'Algebra', 6],
  ['statistics', 'Statistics', 5],
  ['typography', 'Typography', 3],
] as const

const ACADEMY: readonly Page[] = [
  { path: '/', title: 'Academy', group: 'home', medianMs: 0, weight: 8 },
  ...COURSES.flatMap(([slug, name, weight]) => [
    { path: `/learn/${slug}`, title: `${name}: the course`, group: 'course', medianMs: 25_000, weight },
    ...Array.from({ length: 6 }, (_, at) => ({
      ...{ path: `/learn/${slug}/${at + 1}`, title: `${name}, lesson ${at + 1}`, group: 'lesson' },
      ...{ medianMs: (4 + ((at * 2) % 5)) * 60_000, weight: weight / (1 + at * 0.6) },
    })),
  ]),
  { path: '/account', title: 'Your account', group: 'account', medianMs: 0, weight: 1 },
]

const GUIDES = ['install', 'first-steps', 'configuration', 'deploy', 'upgrade', 'troubleshooting', 'security', 'faq']

const HANDBOOK: readonly Page[] = [
  { path: '/', title: 'Handbook', group: 'home', medianMs: 0, weight: 10 },
  ...GUIDES.map((slug, at) => ({
    ...{ path: `/guide/${slug}`, title: `Guide: ${slug.replaceAll('-', ' ')}`, group: 'guide' },
    ...{ medianMs: 40_000 + at * 9_000, weight: 9 / (1 + at * 0.5) },
  })),
  ...['start', 'stop', 'options', 'events', 'sections', 'vitals'].map((slug, at) => ({
    ...{ path: `/reference/${slug}`, title: `Reference: ${slug}`, group: 'reference' },
    ...{ medianMs: 22_000, weight: 5 / (1 + at * 0.4) },
  })),
]

export const SITES: readonly Site[] = [
  {
    ...{ name: 'magazine', client: 'ScriptTag', pages: MAGAZINE, share: 0.55, weekend: 0.8, samplingRate: 1 },
    ...{ signedIn: 0, goesOn: 0.46, isApp: false, hasVitals: true },
    timers: { article: ['comments', 'newsletter'] },
  },
  {
    ...{ name: 'academy', client: 'NpmModule', pages: ACADEMY, share: 0.25, weekend: 0.45, samplingRate: 1 },
    ...{ signedIn: 0.7, goesOn: 0.72, isApp: true, hasVitals: false },
    timers: { lesson: ['video', 'exercise'] },
  },
  {
    ...{ name: 'handbook', client: 'ScriptTag', pages: HANDBOOK, share: 0.2, weekend: 0.35, samplingRate: 0.25 },
    ...{ signedIn: 0, goesOn: 0.6, isApp: false, hasVitals: true },
    timers: {},
  },
]

/** Where sessions come from; nowhere is a bookmark. */
export const REFERRERS = [
  [undefined, 34],
  ['www.google.com', 30],
  ['duckduckgo.com', 8],
  ['www.bing.com', 5],
  ['news.ycombinator.com', 4],
  ['mastodon.social', 4],
  ['www.reddit.com', 4],
  ['blog.example.net', 3],
] as const

export const VIRAL_REFERRER = 'news.ycombinator.com'

/** Campaigns have a first and a last day, counted back from the end, and readers of their own patience. */
export const CAMPAIGNS: readonly {
  utm: NonNullable<ViewRecord['utm']>
  days: readonly [from: number, to: number]
  share: number
  patience: number
}[] = [
  {
    utm: { source: 'newsletter', medium: 'email', campaign: 'monday-letter', content: 'top-story' },
    ...{ days: [90, 0], share: 0.06, patience: 1.5 },
  },
  {
    utm: { source: 'social', medium: 'paid', campaign: 'spring-offer', term: 'reading' },
    ...{ days: [62, 34], share: 0.12, patience: 0.35 },
  },
  {
    utm: { source: 'partner', medium: 'referral', campaign: 'open-course' },
    ...{ days: [25, 4], share: 0.08, patience: 1.1 },
  },
]

/** Each with how long its people read, beside a desktop. */
export const DEVICES: readonly (readonly [device: { patience: number; agent: string }, weight: number])[] = [
  [
    {
      patience: 1,
      agent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/143.0.0.0 Safari/537.36',
    },
    34,
  ],
  [
    {
      patience: 1.1,
      agent: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.4 Safari/605.1.15',
    },
    14,
  ],
  [{ patience: 1.2, agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:146.0) Gecko/20100101 Firefox/146.0' }, 6],
  [
    {
      patience: 0.6,
      agent: 'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/143.0.0.0 Mobile Safari/537.36',
    },
    25,
  ],
  [
    {
      patience: 0.65,
      agent:
        'Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 Version/18.4 Mobile/15E148 Safari/604.1',
    },
    17,
  ],
  [
    {
      patience: 1.3,
      agent: 'Mozilla/5.0 (Linux; Android 14; SM-X710 Tablet) AppleWebKit/537.36 Chrome/143.0.0.0 Safari/537.36',
    },
    4,
  ],
]

export const BOTS = [
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)',
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/143.0.0.0 Safari/537.36',
] as const

/** Of each hour of the day in UTC, Sunday to Saturday alike: mornings, lunch, and evenings on the sofa. */
export const HOURS = [8, 5, 3, 3, 4, 8, 18, 36, 52, 58, 56, 54, 60, 55, 50, 48, 46, 44, 46, 56, 62, 52, 34, 18] as const
