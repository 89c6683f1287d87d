import { describe, expect, test } from 'vitest'
import { checkOptions } from '../src/check-options.ts'
import { DEFAULTS, isTracked, type Options, type PageRule } from '../src/options.ts'

const page = (path: string) => new URL(path, 'https://example.org')

describe('which pages have views', () => {
  test('all, where no rule is given', () => {
    expect(isTracked([], page('/anything'))).toBe(true)
  })

  test.each<[PageRule, string, boolean]>([
    ['/learn', '/learn', true],
    ['/learn', '/learn?chapter=2#top', true],
    ['/learn', '/learn/', false],
    ['/learn', '/learning', false],
    ['/learn', '/en/learn', false],
    ['/a.b', '/axb', false],
    ['/learn/*', '/learn/', true],
    ['/learn/*', '/learn/algebra/1', true],
    ['/learn/*', '/learn', false],
    ['/*/edit', '/posts/7/edit', true],
    ['/*/edit', '/posts/7/editor', false],
    ['*', '/', true],
    ['/(x)+[y]$', '/(x)+[y]$', true],
    [/\/learn\/\d+$/, '/learn/12', true],
    [/\/learn\/\d+$/, '/learn/twelve', false],
    [/chapter=2/, '/learn?chapter=2', true],
    [(url) => url.pathname.length > 5, '/longer', true],
    [(url) => url.pathname.length > 5, '/', false],
    [{ test: (url) => url === 'https://example.org/x' }, '/x', true],
    [{ test: (url) => url === 'https://example.org/x' }, '/y', false],
  ])('rule %s, page %s: %s', (rule, path, tracked) => {
    expect(isTracked([rule], page(path))).toBe(tracked)
  })

  test('one rule that fits is enough', () => {
    expect(isTracked(['/a', '/b'], page('/b'))).toBe(true)
    expect(isTracked(['/a', '/b'], page('/c'))).toBe(false)
  })

  test.each([/learn/g, /learn/y])('%s would say something else each time: it is refused', (rule) => {
    expect(() => checkOptions({ trackSpecificPages: [rule] })).toThrow('trackSpecificPages: want')
    expect(() => checkOptions({ trackSpecificPages: [new RegExp(rule, 'i')] })).not.toThrow()
  })
})

describe('options are checked', () => {
  const ok: Options[] = [
    {},
    { ...DEFAULTS, site: 'docs', userId: 'u1', pageGroup: 'lesson' },
    { sessionExpirationThreshold: 0.05, bufferTimeBeforeEnd: 0, idleCredit: 0, heartbeatInterval: 0, samplingRate: 0 },
    { trackSpecificPages: ['/a', '*', /b/, () => true, { test: () => true }] },
    { idleTimeout: 5, idleCredit: 5 },
    { thresholds: [0, 30, { at: 1.5 }, { at: 60, name: 'read' }, { above: 1_800 }, { below: 10 }] },
    { pageGroup: () => undefined, samplingUnit: 'visitor', beforeSend: () => false },
    { site: 'x'.repeat(255), userId: 'x'.repeat(256) },
  ]
  test.each(ok)('right ones pass: %j', (options) => {
    expect(() => checkOptions(options)).not.toThrow()
  })

  test('undefined is as if it were left out', () => {
    const options = Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, undefined]))
    expect(() => checkOptions(options)).not.toThrow()
    expect(() => checkOptions({ idleTimeout: undefined, idleCredit: undefined } as unknown as Options)).not.toThrow()
  })

  const amounts = [Number.NaN, Number.POSITIVE_INFINITY, -1, '30', null]
  const wrong: Record<string, [values: unknown[], want: string]> = {
    enabled: [['yes', 0, null], 'true or false'],
    sessionExpirationThreshold: [[...amounts, 0], 'a number of minutes over 0'],
    trackSpecificPages: [['/learn', [''], ['learn'], [7], [null], [{}]], 'an array of paths'],
    bufferTimeBeforeEnd: [amounts, 'a finite number of seconds, 0 or more'],
    samplingRate: [[...amounts, 1.01, 50], 'a number from 0 to 1'],
    debugMode: [['true', 1], 'true or false'],
    collector: [['', null, 7, new URL('https://example.org')], 'a non-empty string'],
    site: [['', 7, 'x'.repeat(256)], 'a non-empty string of at most 255 characters'],
    client: [['', 'npm', 'With Space', 'X'.repeat(65)], 'a PascalCase word'],
    idleTimeout: [amounts, 'a finite number of seconds, 0 or more'],
    idleCredit: [[...amounts, 31], 'want a'], // 31: at most idleTimeout
    heartbeatInterval: [amounts, 'a finite number of seconds'],
    checkpointInterval: [amounts, 'a finite number of seconds, 0 or more'],
    maxSessionDuration: [amounts, 'a finite number of minutes'],
    thresholds: [
      [30, [-1], ['30'], [{}], [{ at: 1, above: 2 }], [{ until: 3 }], [{ at: 3, name: 7 }]],
      'an array of seconds',
    ],
    pageGroup: [['', 7, {}], 'a non-empty string or a function'],
    storage: [['localStorage', '', 1], "'indexeddb' or 'memory'"],
    consent: [['denied', '', true], "'granted' or 'pending'"],
    respectGpc: [['true', 1], 'true or false'],
    samplingUnit: [['user', '', 1], "'session' or 'visitor'"],
    hashRouting: [['yes'], 'true or false'],
    ignoreQuery: [[1], 'true or false'],
    allowParams: [['v', [''], [7], [null]], 'an array of names of parameters'],
    beforeSend: [['log', {}, null], 'a function'],
    userId: [['', 12, 'x'.repeat(257)], 'a non-empty string of at most 256 characters'],
    visitorId: [['no', 1], 'true or false'],
    onError: [['log', {}, null], 'a function'],
  }

  test('every option has a wrong value here', () => {
    expect(Object.keys(wrong).sort()).toEqual(Object.keys(DEFAULTS).sort())
  })

  const show = (value: unknown) => (typeof value === 'number' ? String(value) : JSON.stringify(value))
  const cases = Object.entries(wrong).flatMap(([name, [values, want]]) =>
    values.map((value) => ({ name, value, want, shown: show(value) })),
  )
  test.each(cases)(
    '$name: $shown is told with its name, its value and what is wanted',
    ({ name, value, want, shown }) => {
      const check = () => checkOptions({ [name]: value } as Options)
      expect(check).toThrow(TypeError)
      expect(check).toThrow(`dwelltime: ${name}: want `)
      expect(check).toThrow(want)
      expect(check).toThrow(`, got ${shown}`)
    },
  )

  test('an unknown option is told with those that there are', () => {
    const check = () => checkOptions({ samplerate: 0.5 } as Options)
    expect(check).toThrow(TypeError)
    expect(check).toThrow(/samplerate: no such option; there are .*samplingRate/)
  })

  test.each(['toString', 'constructor'])('a name that every object knows is unknown, too: %s', (name) => {
    expect(() => checkOptions(JSON.parse(`{ "${name}": 1 }`))).toThrow(/no such option/)
  })

  test.each([null, 'docs', 7])('%j instead of options is told', (options) => {
    expect(() => checkOptions(options as unknown as Options)).toThrow(/options: want an object/)
  })

  test('a credit over the timeout is told, also where the timeout is the default', () => {
    expect(() => checkOptions({ idleTimeout: 3 })).toThrow('idleCredit: want at most idleTimeout (3), got 5')
    expect(() => checkOptions({ idleCredit: 31 })).toThrow('idleCredit: want at most idleTimeout (30), got 31')
  })

  test('a value that cannot be shown as JSON is told all the same', () => {
    const cycle: unknown[] = []
    cycle.push(cycle)
    expect(() => checkOptions({ site: cycle } as unknown as Options)).toThrow(/site: want .*, got/)
    expect(() => checkOptions({ site: () => 'x' } as unknown as Options)).toThrow('got a function')
  })
})
