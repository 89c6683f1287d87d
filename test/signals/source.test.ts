// @vitest-environment happy-dom
import { beforeEach, expect, test } from 'vitest'
import { readSource } from '../../src/signals/source.ts'

function come(search: string, referrer = ''): ReturnType<typeof readSource> {
  history.replaceState(null, '', `/landing${search}`)
  Object.defineProperty(document, 'referrer', { value: referrer, configurable: true })
  return readSource()
}

beforeEach(() => {
  ;(window as unknown as { happyDOM: { setURL: (url: string) => void } }).happyDOM.setURL('https://docs.test/')
})

test('nobody sent them: there is nothing to tell', () => {
  expect(come('')).toEqual({ referrerHost: undefined, utm: undefined })
})

test.each([
  ['https://search.test/?q=illness', 'search.test'],
  ['https://search.test:8443/deep/path', 'search.test:8443'],
  ['https://docs.test/other?secret=1', undefined],
])('from %s: the host of another site, and no more: %s', (referrer, host) => {
  expect(come('', referrer).referrerHost).toBe(host)
})

test('the campaign that the address names, and no other parameter', () => {
  const { utm } = come(
    '?utm_source=letter&q=illness&utm_medium=e%20mail&utm_campaign=a&utm_term=b&utm_content=c&utm_id=7',
  )
  expect(utm).toEqual({ source: 'letter', medium: 'e mail', campaign: 'a', term: 'b', content: 'c' })
})

test('what is empty is not there, what is long is cut to what the wire takes', () => {
  expect(come('?utm_source=&utm_medium=').utm).toBeUndefined()
  expect(come(`?utm_source=${'x'.repeat(300)}`).utm).toEqual({ source: 'x'.repeat(256) })
})
