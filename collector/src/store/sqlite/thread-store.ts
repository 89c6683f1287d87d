import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Keeper } from '../../sessions/keeper.ts'
import type { FreshDays, Parameters, Question, Store, StoreKeeper } from '../store.ts'
import { createReadProcesses } from './read-process.ts'
import { PORTION } from './sqlite.ts'
import { type Answer, type Ask, OPENING, type ThreadSettings } from './thread-words.ts'

interface Waiting {
  resolve: (value: never) => void
  reject: (error: Error) => void
}

/**
 * The SQLite store in a thread of its own, and its keeper beside it. A fault of the thread itself ends the process, as it
 * would without one: nothing unanswered was promised to anybody.
 */
export async function openSqliteThread(script: URL, settings: ThreadSettings): Promise<Store> {
  const thread = new Worker(script, { workerData: settings })
  const reader = createReadProcesses(settings.file)
  const waiting = new Map<number, Waiting>()
  let lastId = 0
  let onKept: NonNullable<Keeper['onKept']> = () => {}

  thread.on('message', (answer: Answer) => {
    if ('kept' in answer) return onKept(answer.kept)
    const asked = waiting.get(answer.id)
    waiting.delete(answer.id)
    if (waiting.size === 0) thread.unref() // it alone is no reason for us to live
    if (answer.problem !== undefined) asked?.reject(new Error(answer.problem))
    else asked?.resolve(answer.value as never)
  })

  const answerTo = <T>(id: number) => new Promise<T>((resolve, reject) => waiting.set(id, { resolve, reject }))
  const ask =
    <Input extends unknown[], T>(name: keyof Store | keyof FreshDays | keyof StoreKeeper) =>
    (...input: Input) => {
      const id = ++lastId
      thread.ref()
      thread.postMessage({ id, name, input } satisfies Ask)
      return answerTo<T>(id)
    }

  const keeper: StoreKeeper = {
    settle: ask('settle'),
    tell(run) {
      onKept = run
    },
  }

  await answerTo<void>(OPENING)
  return {
    append: ask('append'),
    noteIntake: ask('noteIntake'),
    ...(settings.keeps && { keeper }),
    lastChange: ask('lastChange'),
    changedSessions: ask('changedSessions'),
    markQuiet: ask('markQuiet'),
    keep: ask('keep'),
    counters: ask('counters'),
    // Its directory's lock is the lease: nobody else has this store.
    holdLease: async () => true,
    isKeeper: () => true,
    addFact: ask('addFact'),
    openFacts: ask('openFacts'),
    fact: ask('fact'),
    closeFact: ask('closeFact'),
    rolledUpTo: ask('rolledUpTo'),
    saveRollups: ask('saveRollups'),
    freshDays: { list: ask('list'), renew: ask('renew'), begin: ask('begin'), save: ask('save') },
    prune: ask('prune'),
    portion: PORTION,
    deleteUser: ask('deleteUser'),
    async read<Row>({ sqlite }: Question, parameters: Parameters) {
      return (await reader.ask(sqlite, parameters)) as Row[]
    },
    check: ask('check'),
    async close() {
      await reader.stop()
      const ended = once(thread, 'exit')
      await ask('close')()
      thread.ref()
      await ended
    },
  }
}
