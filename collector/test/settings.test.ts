import { expect, test } from 'vitest'
import { HELP, readCommand, SettingError } from '../src/settings.ts'

const defaults = { port: 8787, host: '127.0.0.1', dataDir: './data', reapGraceMs: 300_000 }

test('everything has a default', () => {
  expect(readCommand([], {})).toEqual({ run: defaults })
  expect(readCommand([], { PORT: '', DATA_DIR: '' })).toEqual({ run: defaults })
})

test('the environment sets, options win', () => {
  const env = { PORT: '1', HOST: '::1', DATA_DIR: '/data', REAP_GRACE: '0.5' }
  expect(readCommand([], env)).toEqual({ run: { port: 1, host: '::1', dataDir: '/data', reapGraceMs: 500 } })
  const options = ['--port', '0', '--host=0.0.0.0', '--data-dir', 'here', '--reap-grace', '5']
  expect(readCommand(options, env)).toEqual({ run: { port: 0, host: '0.0.0.0', dataDir: 'here', reapGraceMs: 5_000 } })
})

test('help names every setting twice', () => {
  expect(readCommand(['--help'], {})).toEqual({ print: 'help' })
  expect(readCommand(['--version'], {})).toEqual({ print: 'version' })
  for (const name of ['--port', 'PORT', '--host', 'HOST', '--data-dir', 'DATA_DIR', '--reap-grace', 'REAP_GRACE']) {
    expect(HELP).toContain(` ${name} `)
  }
})

test.each<[string[], Record<string, string>, string]>([
  [['--port', '65536'], {}, '--port: want an integer from 0 to 65535, not "65536"'],
  [[], { PORT: 'http' }, 'PORT: want an integer from 0 to 65535, not "http"'],
  [[], { PORT: '80.5' }, 'PORT: want an integer from 0 to 65535, not "80.5"'],
  [[], { PORT: '-1' }, 'PORT: want an integer from 0 to 65535, not "-1"'],
  [['--reap-grace', 'soon'], {}, '--reap-grace: want a number from 0 to 86400, not "soon"'],
  [[], { REAP_GRACE: '1e9' }, 'REAP_GRACE: want a number from 0 to 86400, not "1e9"'],
  [['--data-dir', ''], {}, '--data-dir: want a text that is not empty'],
  [['--prot', '80'], {}, "Unknown option '--prot' (see --help)"],
  [['--port'], {}, "Option '--port <value>' argument missing (see --help)"],
  [['start'], {}, "Unexpected argument 'start' (see --help)"],
])('%j with %j: %s', (options, env, message) => {
  expect(() => readCommand(options, env)).toThrow(new SettingError(message))
})
