import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cleanPath } from '../../src/core/path.ts'
import { MAX_PATH } from '../../src/protocol/record.ts'
import { RUNS } from '../support/replay.ts'

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'

test.each([
  ['/users/jo@example.org/edit', '/users/:redacted/edit'],
  ['/users/jo%40example.org', '/users/:redacted'],
  ['/unsubscribe/jo+news@mail.example.org', '/unsubscribe/:redacted'],
  [`/login/${JWT}`, '/login/:redacted'],
  [`/login/${JWT}/done`, '/login/:redacted/done'],
  ['/reset/0123456789abcdef0123', '/reset/:redacted'],
  ['/reset/0123456789ABCDEF0123456789ABCDEF/now', '/reset/:redacted/now'],
  ['/list?page=2&to=jo%40example.org&q=1', '/list?page=2&to=:redacted&q=1'],
  ['/a@b.c/d@e.f', '/:redacted/:redacted'],
])('what may name a person does not travel: %s', (path, cleaned) => {
  expect(cleanPath(path)).toBe(cleaned)
})

test.each([
  '/',
  '/learn/algebra',
  '/blog/2026/01/how-long-do-people-really-read',
  '/@author/a-post',
  '/package/@scope/name',
  '/releases/v1.2.3',
  '/facade/decade/deadbeef',
  '/orders/1234567890',
  '/caf%C3%A9',
  '/docs/index.en.html',
  '/survey-results.2026.html',
  '/monkey-island.part-2.html',
  '/watch?v=dQw4w9WgXcQ&list=@author',
])('a normal page keeps its path: %s', (path) => {
  expect(cleanPath(path)).toBe(path)
})

test('a path is cut to 1,024 characters, after it was cleaned', () => {
  expect(cleanPath(`/${'x'.repeat(2_000)}`)).toHaveLength(MAX_PATH)
  expect(cleanPath(`/${'x'.repeat(1_000)}/${'0123456789'.repeat(4)}`)).toBe(`/${'x'.repeat(1_000)}/:redacted`)
})

test('no e-mail address, token or long hex is left in any path', () => {
  const part = fc.oneof(
    fc.stringMatching(/^[a-z0-9._-]{1,20}@[a-z0-9-]{1,10}\.[a-z]{2,3}$/),
    fc.stringMatching(/^[0-9a-f]{20,40}$/),
    fc.constant(JWT),
    fc.stringMatching(/^[a-z-]{1,20}$/),
  )
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const path = cleanPath(`/${parts.join('/')}`)
      expect(path).not.toMatch(/@|[0-9a-f]{20}|eyJ/)
      expect(cleanPath(path)).toBe(path)
    }),
    RUNS,
  )
})
