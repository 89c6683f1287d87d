import { accessSync, constants, existsSync, mkdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import Database from 'libsql'

/** A data directory that is ours until `release`. */
export interface DataDirectory {
  path: string
  databaseFile: string
  release(): void
}

/** Where everything is. */
export const databaseFile = (dataDir: string): string => join(dataDir, 'dwelltime.db')

/**
 * Creates the directory if need be and takes it for this process alone: two processes on one store would both
 * end and count its sessions. The lock is the system's, on an empty database: it goes with the process, however it dies.
 */
export function openDataDirectory(dataDir: string): DataDirectory {
  const path = resolve(dataDir)
  createDirectory(path)
  accessSync(`${path}/`, constants.W_OK) // says more clearly than SQLite what is wrong
  const lock = new Database(join(path, 'lock.db'))
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error
    throw new Error(`${path} is in use by another collector`)
  }
  return { path, databaseFile: databaseFile(path), release: () => void lock.close() }
}

/** Not `recursive: true`: Node 20 then tries for ever where the system says ENOENT to a new directory, as in /proc. */
function createDirectory(path: string): void {
  if (existsSync(path)) return
  createDirectory(dirname(path))
  mkdirSync(path)
}
