import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import script from './reader.cjs?raw'

/** No report of ours takes as long; what does is given up, and its thread with it. */
const TIME_LIMIT_MS = 30_000

/** The most questions that may wait for each other. */
const MAX_WAITING = 100

export class TooManyQuestionsError extends Error {}

interface Waiting {
  resolve: (rows: unknown[]) => void
  reject: (error: Error) => void
}

/** Reads the database file from a thread with a connection of its own that cannot write. */
export function createReadThread(file: string, timeLimitMs = TIME_LIMIT_MS) {
  const driver = createRequire(import.meta.url).resolve('libsql')
  const waiting = new Map<number, Waiting>()
  let worker: Worker | undefined
  let lastId = 0

  function start(): Worker {
    const started = new Worker(script, { eval: true, workerData: { driver, file } })
    started.unref() // it alone is no reason for the process to live
    started.on('message', ({ id, rows, problem }) => {
      const { resolve, reject } = waiting.get(id)!
      waiting.delete(id)
      if (problem === undefined) resolve(rows)
      else reject(new Error(problem))
    })
    started.on('error', fail)
    return started
  }

  function fail(error: Error): void {
    const failed = worker
    worker = undefined
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
    void failed?.terminate()
  }

  async function ask(sql: string, parameters: object): Promise<unknown[]> {
    if (waiting.size >= MAX_WAITING) throw new TooManyQuestionsError('too many questions are waiting')
    worker ??= start()
    const id = ++lastId
    const answer = new Promise<unknown[]>((resolve, reject) => waiting.set(id, { resolve, reject }))
    worker.ref() // until it has answered
    worker.postMessage({ id, sql, parameters })
    const limit = setTimeout(() => fail(new Error(`a question took more than ${timeLimitMs} ms`)), timeLimitMs)
    try {
      return await answer
    } finally {
      clearTimeout(limit)
      if (waiting.size === 0) worker?.unref()
    }
  }

  return {
    ask,
    async stop() {
      await worker?.terminate()
      fail(new Error('the store is closed'))
    },
  }
}
