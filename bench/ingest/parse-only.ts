import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { createApp } from '../../collector/src/app.ts'
import { readCommand } from '../../collector/src/settings.ts'
import type { Outcome, ReceivedView, Store } from '../../collector/src/store/store.ts'

// The collector's own app, with parsing and validation, before a store that does nothing: what there is to lose.

const nothing = async () => {}
const store = {
  append: async (batch: readonly ReceivedView[]) => batch.map((): Outcome => 'stored'),
  noteIntake: nothing,
} as unknown as Store

const command = readCommand(['--rate-limit', '0', '--keeper', '0'], {}, () => undefined)
if (!('run' in command)) throw new Error('want the settings of a collector')
const { app } = createApp({
  store,
  now: () => new Date(),
  log: { info() {}, warn() {}, error() {} },
  config: command.run,
})
const server = createAdaptorServer({ fetch: app.fetch })
server.listen(0, '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
process.on('SIGTERM', () => process.exit())
