// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createPresence, isMediaPlaying } from '../../src/signals/presence.ts'
import { setPage } from '../support/scope.ts'

const PLAYING = { paused: false, readyState: 4, muted: false, loop: false }

/** A media element in the page, as if it were in that state. */
function addMedia(name: 'audio' | 'video', state: Partial<typeof PLAYING> = {}): void {
  const media = document.body.appendChild(document.createElement(name))
  for (const [key, value] of Object.entries({ ...PLAYING, ...state })) Object.defineProperty(media, key, { value })
}

beforeEach(() => setPage('visible'))
afterEach(() => document.body.replaceChildren())

test.each(['audio', 'video'] as const)('%s that plays is a sign of a person, at each look', (name) => {
  const readSign = createPresence()
  addMedia(name)
  expect([readSign(), readSign()]).toEqual(['media', 'media'])
})

test.each([
  ['paused', { paused: true }, false],
  ['without its data yet', { readyState: 2 }, false],
  ['muted and looping', { muted: true, loop: true }, false],
  ['muted', { muted: true }, true],
  ['looping', { loop: true }, true],
])('media that is %s: %s plays: %s', (_, state, plays) => {
  addMedia('video', state)
  expect(isMediaPlaying()).toBe(plays)
})

test('one that plays among those that do not is enough', () => {
  addMedia('video', { paused: true })
  addMedia('audio')
  expect(isMediaPlaying()).toBe(true)
})

test('the focus that enters a frame is a sign, once for each frame', () => {
  const readSign = createPresence()
  const frames = ['one', 'two'].map(() => document.body.appendChild(document.createElement('iframe')))
  expect(readSign()).toBeFalsy()
  const focus = (element: Element) =>
    Object.defineProperty(document, 'activeElement', { value: element, configurable: true })
  focus(frames[0]!)
  expect([readSign(), readSign()]).toEqual(['frame', undefined])
  focus(frames[1]!)
  expect(readSign()).toBe('frame')
  focus(document.body)
  expect(readSign()).toBeFalsy()
  Reflect.deleteProperty(document, 'activeElement')
})

test('in a window without the focus the frame that had it is no sign', () => {
  const readSign = createPresence()
  const frame = document.body.appendChild(document.createElement('iframe'))
  Object.defineProperty(document, 'activeElement', { value: frame, configurable: true })
  setPage('visible', false)
  expect(readSign()).toBeFalsy()
  Reflect.deleteProperty(document, 'activeElement')
})
