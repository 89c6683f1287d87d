import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { TooManyQuestionsError } from '../too-many-questions.ts'
import script from './reader.cjs?raw'

/** No report of ours takes as long; what does is given up, and its process with it. */
const TIME_LIMIT_MS = 30_000

/** The most questions that may wait for each other. */
const MAX_WAITING = 50

/** A long question holds up half of those behind it. */
const MOST_PROCESSES = Math.min(2, availableParallelism())

interface Waiting {
  resolve: (rows: unknown[]) => void
  reject: (error: Error) => void
}

/** Reads the database file in a few processes, each started when the others are busy. */
export function createReadProcesses(file: string) {
  const readers = Array.from({ length: MOST_PROCESSES }, () => createReadProcess(file))
  return {
    ask(sql: string, parameters: object): Promise<unknown[]> {
      const least = Math.min(...readers.map(({ waiting }) => waiting()))
      return readers.find(({ waiting }) => waiting() === least)!.ask(sql, parameters)
    },
    async stop(): Promise<void> {
      await Promise.all(readers.map((reader) => reader.stop()))
    },
  }
}

/**
 * Reads the database file in a process of its own, over a connection that cannot write. Not in a thread: nothing ends
 * a thread that is inside of SQLite.
 */
export function createReadProcess(file: string, timeLimitMs = TIME_LIMIT_MS) {
  const driver = createRequire(import.meta.url).resolve('libsql')
  const waiting = new Map<number, Waiting>()
  let reader: ChildProcess | undefined
  let lastId = 0

  function start(): ChildProcess {
    const started = spawn(process.execPath, ['-e', script, driver, file], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      serialization: 'advanced',
    })
    started.unref() // it alone is no reason for us to live
    started.on('message', ({ id, rows, problem }: { id: number; rows: unknown[]; problem?: string }) => {
      const asked = waiting.get(id)
      waiting.delete(id)
      if (problem === undefined) asked?.resolve(rows)
      else asked?.reject(new Error(problem))
    })
    started.on('error', fail)
    started.on('exit', () => {
      if (started === reader) fail(new Error('the process that reads has ended'))
    })
    return started
  }

  function fail(error: Error): void {
    const failed = reader
    reader = undefined
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
    failed?.kill('SIGKILL')
  }

  async function ask(sql: string, parameters: object): Promise<unknown[]> {
    if (waiting.size >= MAX_WAITING) throw new TooManyQuestionsError('too many questions are waiting')
    reader ??= start()
    const id = ++lastId
    const answer = new Promise<unknown[]>((resolve, reject) => waiting.set(id, { resolve, reject }))
    reader.channel?.ref() // until it has answered
    reader.send({ id, sql, parameters })
    const limit = setTimeout(() => fail(new Error(`a question took more than ${timeLimitMs} ms`)), timeLimitMs)
    try {
      return await answer
    } finally {
      clearTimeout(limit)
      if (waiting.size === 0) reader?.channel?.unref()
    }
  }

  return {
    ask,
    /** How many questions. */
    waiting: () => waiting.size,
    async stop() {
      const ended = reader && once(reader, 'exit')
      reader?.ref() // now we live until it has gone
      fail(new Error('the store is closed'))
      await ended
    },
  }
}
