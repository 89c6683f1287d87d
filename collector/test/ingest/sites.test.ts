import { expect, test } from 'vitest'
import { readSites, siteRefused } from '../../src/ingest/sites.ts'

const SITE = 'site: want one that this collector was told to take'
const ORIGIN = 'origin: want one that this collector was told to take for the site'

test.each<[string, string, string | undefined, string | undefined]>([
  ['', 'anything', undefined, undefined],
  ['docs', 'docs', undefined, undefined],
  ['docs', 'docs', 'https://anywhere.example', undefined],
  ['docs, shop', 'shop', undefined, undefined],
  ['docs', 'Docs', undefined, SITE],
  ['docs', 'shop', 'https://docs.example.org', SITE],
  ['docs=https://docs.example.org', 'docs', 'https://docs.example.org', undefined],
  ['docs=https://docs.example.org', 'docs', 'https://DOCS.example.org', undefined],
  ['docs=https://docs.example.org|http://localhost:3000', 'docs', 'http://localhost:3000', undefined],
  ['docs=https://a.example,docs=https://b.example', 'docs', 'https://b.example', undefined],
  ['docs=https://docs.example.org', 'docs', 'http://docs.example.org', ORIGIN],
  ['docs=https://docs.example.org', 'docs', 'https://docs.example.org.evil.example', ORIGIN],
  ['docs=https://docs.example.org', 'docs', 'null', ORIGIN],
  ['docs=https://docs.example.org', 'docs', undefined, ORIGIN],
])('SITES=%s: %s from %s', (text, site, origin, problem) => {
  expect(siteRefused(readSites(text), site, origin)).toBe(problem)
})

test.each([
  '=https://a.example',
  'docs=a.example',
  'docs=https://a.example/',
  'docs=ftp://a.example',
  'a=b=c',
  'docs=',
])('SITES=%s is refused', (text) => {
  expect(() => readSites(text)).toThrow('want sites with their origins')
})
