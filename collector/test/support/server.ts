import { once } from 'node:events'
import type { Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { onTestFinished } from 'vitest'
import { createCollector } from './collector.ts'

/** A collector on a real port of this machine, with the time limits given in ms. */
export async function createServer(serverOptions: object = {}) {
  const collector = createCollector()
  const server = createAdaptorServer({ fetch: collector.app.fetch, serverOptions }) as Server
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo

  /** Writes these bytes and reads until the other side closes; the status lines of all answers. */
  async function raw(...chunks: (string | Buffer)[]): Promise<string[]> {
    const socket = connect(port, '127.0.0.1').on('error', () => {})
    let text = ''
    socket.setEncoding('latin1').on('data', (chunk) => (text += chunk))
    for (const chunk of chunks) socket.write(chunk)
    await once(socket, 'close')
    return text.match(/HTTP\/1\.1 \d{3}/g)?.map((line) => line.slice(9)) ?? []
  }

  return { ...collector, raw, origin: `http://127.0.0.1:${port}` }
}
