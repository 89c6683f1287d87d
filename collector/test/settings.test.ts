import { describe, expect, test } from 'vitest'
import { DEFAULT_RULES } from '../src/metrics/counts.ts'
import { HELP } from '../src/settings/help.ts'
import { readCommand as read, SettingError } from '../src/settings.ts'

const readCommand = (args: string[], env: NodeJS.ProcessEnv) => read(args, env, () => undefined)

const defaults = {
  port: 8787,
  host: '127.0.0.1',
  store: { kind: 'sqlite', dataDir: './data' },
  reapGraceMs: 300_000,
  sites: new Map(),
  rateLimit: 6_000,
  trustedHops: 0,
  retentionDays: 0,
  logLevel: 'warn',
  isKeeper: true,
  metrics: { isEnabled: true, path: '/metrics', port: undefined, rules: DEFAULT_RULES },
  live: { stats: new Map(), maxClients: 500 },
  alerts: { rules: [], secret: '', isPrivateAllowed: false },
}

const noTokens = { read: [] }

test('everything has a default', () => {
  expect(readCommand([], {})).toEqual({ run: { ...defaults, tokens: noTokens } })
  expect(readCommand([], { PORT: '', DATA_DIR: '' })).toEqual({ run: { ...defaults, tokens: noTokens } })
})

test('the environment sets, options win', () => {
  const env = { PORT: '1', HOST: '::1', DATA_DIR: '/data', REAP_GRACE: '0.5' }
  expect(readCommand([], env)).toMatchObject({
    run: { port: 1, host: '::1', store: { dataDir: '/data' }, reapGraceMs: 500 },
  })
  const options = ['--port', '0', '--host=0.0.0.0', '--data-dir', 'here', '--reap-grace', '5']
  expect(readCommand(options, env)).toMatchObject({
    run: { port: 0, host: '0.0.0.0', store: { dataDir: 'here' }, reapGraceMs: 5_000 },
  })
  const limits = { SITES: 'docs', RATE_LIMIT: '0', TRUSTED_HOPS: '2', LOG_LEVEL: 'debug' }
  expect(readCommand([], limits)).toMatchObject({
    run: { sites: new Map([['docs', []]]), rateLimit: 0, trustedHops: 2, logLevel: 'debug' },
  })
})

test('help names every setting twice', () => {
  expect(readCommand(['--help'], {})).toEqual({ print: 'help' })
  expect(readCommand(['--version'], {})).toEqual({ print: 'version' })
  const { metrics: _, live: __, alerts: ___, ...own } = defaults
  const keys = Object.keys(own).map((key) => key.replace('isKeeper', 'keeper'))
  const names = [...keys, 'dataDir', 'readTokens', 'adminToken'].map((name) =>
    name.replace(/Ms$/, '').replace(/[A-Z]/g, '-$&').toLowerCase(),
  )
  for (const name of names) {
    expect(HELP).toContain(`  --${name} `)
    expect(HELP).toContain(` ${name.toUpperCase().replaceAll('-', '_')} `)
  }
})

const WANT_TOKENS = 'want tokens of at least 16 characters, as in 3f9a…,7bc1…;site=docs;page=/learn/*'

test('tokens, with what they are limited to', () => {
  const env = {
    READ_TOKENS: `${'a'.repeat(16)}, ${'b'.repeat(16)};site=docs;page=/learn/*`,
    ADMIN_TOKEN: 'c'.repeat(16),
  }
  expect(readCommand([], env)).toMatchObject({
    run: {
      tokens: {
        read: [{ token: 'a'.repeat(16) }, { token: 'b'.repeat(16), site: 'docs', page: '/learn/*' }],
        admin: 'c'.repeat(16),
      },
    },
  })
})

test.each([
  ['sqlite', { kind: 'sqlite', dataDir: './data' }],
  ['sqlite:/elsewhere', { kind: 'sqlite', dataDir: '/elsewhere' }],
  ['clickhouse:http://u:p@host:8123/stats', { kind: 'clickhouse', url: 'http://u:p@host:8123/stats' }],
])('STORE=%s', (STORE, store) => {
  expect(readCommand([], { STORE, KEEPER: '0' })).toMatchObject({ run: { store, isKeeper: false } })
})

test.each(['postgres', 'clickhouse', 'clickhouse:secret-host', 'clickhouse:file:///etc/passwd'])(
  'STORE=%s is refused, and not repeated',
  (STORE) => {
    const want = 'want sqlite, sqlite:./data or clickhouse:http://user:password@host:8123/database'
    expect(() => readCommand([], { STORE })).toThrow(new SettingError(`STORE: ${want}`))
  },
)

test('a backup wants nothing but the data directory', () => {
  expect(readCommand(['--backup', 'copy.db'], { DATA_DIR: 'here', PORT: 'x' })).toEqual({
    backup: { dataDir: 'here', copy: 'copy.db' },
  })
})

test.each<[string[], Record<string, string>, string]>([
  [['--port', '65536'], {}, '--port: want an integer from 0 to 65535, not "65536"'],
  [[], { PORT: 'http' }, 'PORT: want an integer from 0 to 65535, not "http"'],
  [[], { PORT: '80.5' }, 'PORT: want an integer from 0 to 65535, not "80.5"'],
  [[], { PORT: '-1' }, 'PORT: want an integer from 0 to 65535, not "-1"'],
  [['--reap-grace', 'soon'], {}, '--reap-grace: want a number from 0 to 86400, not "soon"'],
  [[], { REAP_GRACE: '1e9' }, 'REAP_GRACE: want a number from 0 to 86400, not "1e9"'],
  [[], { LOG_LEVEL: 'loud' }, 'LOG_LEVEL: want one of debug, info, warn, error, silent, not "loud"'],
  [[], { TRUSTED_HOPS: '11' }, 'TRUSTED_HOPS: want an integer from 0 to 10, not "11"'],
  [
    ['--sites', 'docs=nowhere'],
    {},
    '--sites: want sites with their origins, as in docs=https://docs.example.org|https://example.org,shop',
  ],
  [[], { RETENTION_DAYS: '9' }, 'RETENTION_DAYS: want 0 or at least 10, not "9"'],
  [[], { ADMIN_TOKEN: 'short' }, `ADMIN_TOKEN: ${WANT_TOKENS}`],
  [[], { READ_TOKENS: 'aaaaaaaaaaaaaaaaaa;who=me' }, `READ_TOKENS: ${WANT_TOKENS}`],
  [['--data-dir', ''], {}, '--data-dir: want a text that is not empty'],
  [['--prot', '80'], {}, "Unknown option '--prot' (see --help)"],
  [['--port'], {}, "Option '--port <value>' argument missing (see --help)"],
  [['start'], {}, "Unexpected argument 'start' (see --help)"],
])('%j with %j: %s', (options, env, message) => {
  expect(() => readCommand(options, env)).toThrow(new SettingError(message))
})

describe('dwelltime.yaml', () => {
  const withFile = (text: string, args: string[] = [], env: NodeJS.ProcessEnv = {}) =>
    read(args, env, (file) => (file === 'dwelltime.yaml' ? text : undefined))

  test('sets what options and the environment do not', () => {
    const file = `
      port: 1
      host: ::1
      reap_grace: 5
      sites: [docs, shop]
      enable_prometheus_metrics: false
      prometheus_metrics_port: 9464
      prometheus_metrics_path: /prom
      page_groups: [lesson, blog]
      shell_types: [AdminShell]
      histogram_buckets:
        session_duration_seconds: [1, 10]
      stats:
        docs: { rated_message_size: 256, trigger_after_rated_messages: 10 }
      alerts:
        - { site: docs, page: /learn/*, metric: engaged, above: 1800, webhook: https://hooks.example.org/a }
        - { site: docs, inactiveFor: 7, webhook: http://hooks.example.org/b }
      webhook_secret: 0123456789abcdef`
    expect(withFile(file, ['--host', '::2'], { DWELLTIME_PORT: '2' })).toMatchObject({
      run: {
        ...{ port: 2, host: '::2', reapGraceMs: 5_000, sites: new Map(['docs', 'shop'].map((site) => [site, []])) },
        metrics: {
          ...{ isEnabled: false, port: 9464, path: '/prom' },
          rules: {
            buckets: { ...DEFAULT_RULES.buckets, session_duration_seconds: [1, 10] },
            ...{ pageGroups: ['lesson', 'blog'], shellTypes: ['AdminShell'] },
          },
        },
        live: {
          stats: new Map([
            [
              'docs',
              {
                ...{ rated_message_size: 256, trigger_after_rated_messages: 10, trigger_after_duration: 0 },
                ...{ trigger_on_join: true, trigger_on_leave: true },
              },
            ],
          ]),
        },
        alerts: {
          rules: [
            {
              ...{ site: 'docs', page: '/learn/*', metric: 'engaged', above: 1800 },
              webhook: 'https://hooks.example.org/a',
            },
            { site: 'docs', inactiveFor: 7, webhook: 'http://hooks.example.org/b' },
          ],
          secret: '0123456789abcdef',
          isPrivateAllowed: false,
        },
      },
    })
  })

  test('everything that is wrong is told at once, by the place where it stands', () => {
    const file = `
      port: http
      rate: 5
      prometheus_metrics_path: /api/metrics
      histogram_buckets: { session_duration_seconds: [10, 5], nonsense: [1] }
      stats: { docs: { rated_message_size: 300 }, shop: { trigger_on_join: maybe } }
      alerts: [{ site: docs, above: 5, below: 6, webhook: 'ftp://x' }]`
    const env = { DWELLTIME_ENABLE_PROMETHEUS_METRICS: 'perhaps', KEEPER: '2' }
    let told: string[] = []
    try {
      withFile(file, ['--page-groups', 'other'], env)
    } catch (error) {
      told = (error as Error).message.split('\n')
    }
    expect(told.toSorted()).toEqual(
      [
        'dwelltime.yaml: rate: want no such setting',
        'dwelltime.yaml: port: want an integer from 0 to 65535, not "http"',
        'KEEPER: want one of 0, 1, not "2"',
        'DWELLTIME_ENABLE_PROMETHEUS_METRICS: want true or false, not "perhaps"',
        'dwelltime.yaml: prometheus_metrics_path: want a path of its own, as in /metrics, not "/api/metrics"',
        'dwelltime.yaml: histogram_buckets.session_duration_seconds: want a list of 1 to 30 ascending numbers above 0',
        'dwelltime.yaml: histogram_buckets.nonsense: want no such field',
        '--page-groups: want at most 20 names of page groups, with commas',
        'dwelltime.yaml: stats.docs.rated_message_size: want a power of two, not 300',
        'dwelltime.yaml: stats.shop.trigger_on_join: want true or false',
        'dwelltime.yaml: alerts.0: want one of above, below and inactiveFor',
        'dwelltime.yaml: alerts.0.webhook: want an http or https URL without a user or password',
      ].toSorted(),
    )
  })

  test.each([
    ['an alert without a secret', '{ site: a, above: 1, webhook: "http://x.org" }', 'webhook-secret'],
    ['two limits', '{ site: a, above: 1, below: 2, webhook: "http://x.org" }', 'one of above, below and inactiveFor'],
    ['none', '{ site: a, webhook: "http://x.org" }', 'one of above, below and inactiveFor'],
  ])('%s is refused', (_, rule, message) => {
    expect(() => withFile(`alerts: [${rule}]`)).toThrow(message)
  })

  test('what is no YAML, or no settings, or not there, is told', () => {
    expect(() => withFile('a: [')).toThrow(/^dwelltime.yaml: want YAML: /)
    expect(() => withFile('[1]')).toThrow('dwelltime.yaml: want settings by their names')
    expect(() => withFile('', ['--config', 'other.yaml'])).toThrow('other.yaml: there is no such file')
    expect(withFile('')).toEqual(readCommand([], {}))
  })

  test('structures fit into a variable, too', () => {
    const env = { DWELLTIME_STATS: '{"*": {"trigger_after_duration": 5}}', DWELLTIME_PAGE_GROUPS: 'lesson, blog' }
    expect(readCommand([], env)).toMatchObject({
      run: {
        live: { stats: new Map([['*', expect.objectContaining({ trigger_after_duration: 5 })]]) },
        metrics: { rules: { pageGroups: ['lesson', 'blog'] } },
      },
    })
  })
})
