import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openDataDirectory } from '../../src/store/data-directory.ts'
import { temporaryDirectory } from '../support/directory.ts'

test('is created, and is ours alone until it is released', () => {
  const path = join(temporaryDirectory(), 'some', 'where')
  const directory = openDataDirectory(path)
  expect(existsSync(path)).toBe(true)
  expect(directory.databaseFile).toBe(join(path, 'dwelltime.db'))
  expect(() => openDataDirectory(path)).toThrow(`${path} is in use by another collector`)
  directory.release()
  openDataDirectory(path).release()
})

test('cannot be in a place that takes no directories', () => {
  expect(() => openDataDirectory('/proc/dwelltime')).toThrow('ENOENT')
})

test('cannot be where a file is', () => {
  const file = join(temporaryDirectory(), 'file')
  writeFileSync(file, '')
  expect(() => openDataDirectory(join(file, 'data'))).toThrow('ENOTDIR')
  expect(() => openDataDirectory(file)).toThrow('ENOTDIR')
})
