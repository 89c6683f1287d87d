import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { text } from '../../e2e/support/pages.ts'
import type { Envelope } from '../../src/protocol/record.ts'
import type { Network } from './plan.ts'

const SLOW_MS = 1_500
const RETRY_AFTER = '2' // seconds

/** A post that has reached the collector. */
export interface Delivery {
  via: Envelope['via']
  /** `viewId:seq` of each record. */
  keys: string[]
}

/** Stands between the pages of one cell and the collector, and does to their posts what bad networks do. */
export interface FaultProxy {
  /** What the pages take for the collector: their `collector` option. */
  recordsUrl: string
  break(network: Network): Promise<void>
  /** Everything goes through from now on; what hung is cut off, as when a server starts anew. */
  heal(): Promise<void>
  /** All requests, whatever became of them. */
  requests: number
  delivered: Delivery[]
  stop(): void
}

export async function startFaultProxy(collectorUrl: string): Promise<FaultProxy> {
  let network: Network = 'ok'
  let resets = 0
  const sockets = new Set<Socket>()
  const server = createServer((request, response) => {
    proxy.requests++
    // Whoever asks may be gone before the answer.
    answer(request, response).catch(() => response.destroy())
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => {})
  })
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  await listen(0)
  const { port } = server.address() as AddressInfo

  const cutOff = () => {
    for (const socket of sockets) socket.destroy()
  }

  const faults: Record<Network, (request: IncomingMessage, response: ServerResponse) => unknown> = {
    ok: pass,
    // The page's own network is off.
    offline: pass,
    async slow(request, response) {
      const body = await text(request)
      await delay(SLOW_MS)
      await pass(request, response, body)
    },
    hanging: (request) => text(request),
    500: (_, response) => response.writeHead(500).end(),
    429: (_, response) => response.writeHead(429, { 'retry-after': RETRY_AFTER }).end(),
    404: (_, response) => response.writeHead(404).end(),
    html: (_, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome to our hotel</h1>'),
    // In turn: in the middle of the question, and in the middle of the answer, when the collector has the records.
    async reset(request, response) {
      if (resets++ % 2) {
        const answer = await forward(await text(request))
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': answer.body.length })
        response.write(answer.body.slice(0, answer.body.length / 2))
        await delay(20) // for the half to be on its way
      } else await new Promise((resolve) => request.once('data', resolve))
      request.socket.resetAndDestroy()
    },
    refused: (request) => request.socket.resetAndDestroy(),
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('access-control-allow-origin', '*')
    response.setHeader('access-control-expose-headers', 'retry-after')
    await faults[network](request, response)
  }

  async function pass(request: IncomingMessage, response: ServerResponse, body?: string): Promise<void> {
    const { status, body: answered } = await forward(body ?? (await text(request)))
    response.writeHead(status, { 'content-type': 'application/json' }).end(answered)
  }

  async function forward(body: string): Promise<{ status: number; body: string }> {
    const response = await fetch(`${collectorUrl}/v1/records`, { method: 'POST', body })
    const { via, records }: Envelope = JSON.parse(body)
    proxy.delivered.push({ via, keys: records.map(({ viewId, seq }) => `${viewId}:${seq}`) })
    return { status: response.status, body: await response.text() }
  }

  const close = () => {
    server.close()
    cutOff()
  }
  const proxy: FaultProxy = {
    recordsUrl: `http://127.0.0.1:${port}/v1/records`,
    requests: 0,
    delivered: [],
    async break(wanted) {
      network = wanted
      if (network === 'refused') close()
    },
    async heal() {
      if (network === 'hanging') cutOff()
      if (network === 'refused') await listen(port)
      network = 'ok'
    },
    stop: close,
  }
  return proxy
}
