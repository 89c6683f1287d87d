import { expect, test } from 'vitest'
import { HELP, readCommand, SettingError } from '../src/settings.ts'

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
  const keys = Object.keys(defaults).map((key) => key.replace('isKeeper', 'keeper'))
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
