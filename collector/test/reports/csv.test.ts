import { expect, test } from 'vitest'
import { toCsv } from '../../src/reports/csv.ts'
import { createCollector } from '../support/collector.ts'
import { view } from '../support/records.ts'

test('names, then rows; what is nested has a dot in its name', () => {
  expect(
    toCsv([
      { path: '/', views: { sampled: 1, margin: 0.5 }, next: null },
      { path: '/a,b', views: { sampled: 2, margin: 0 }, next: 'say "hi"\nagain', tenths: [1, 2] },
    ]),
  ).toBe('path,views.sampled,views.margin,next,tenths\r\n/,1,0.5,,\r\n"/a,b",2,0,"say ""hi""\nagain","[1,2]"\r\n')
  expect(toCsv([])).toBe('\r\n')
})

test.each([
  ['=1+1', "'=1+1"],
  ["=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['+49', '+49'.replace('+', "'+")],
  ['-1+1', "'-1+1"],
  ['\tx', "'\tx"],
  ['\rx', '"\'\rx"'],
  ['-1', '-1'],
  ['-1.5e3', '-1.5e3'],
  ['a=b', 'a=b'],
])('%j is no formula', (text, cell) => {
  expect(toCsv([{ text }])).toBe(`text\r\n${cell}\r\n`)
})

test('every report can be had so', async () => {
  const { send, read } = createCollector()
  await send([view({ path: '=HYPERLINK("http://evil.example")' })])
  const response = await read('/api/reports/pages?start_date=2026-06-15&end_date=2026-06-15&format=csv')
  expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8')
  expect(response.headers.get('content-disposition')).toBe('attachment; filename="pages.csv"')
  const [names, row] = (await response.text()).split('\r\n')
  expect(names).toMatch(/^path,views\.sampled,views\.estimated,views\.margin,sessions,visibleMs\.p25/)
  expect(row).toMatch(/^"'=HYPERLINK\(""http:\/\/evil\.example""\)",1,1,0,1,/)
})
