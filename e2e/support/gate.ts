import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Envelope } from '../../src/protocol/record.ts'
import { test as base } from './fixtures.ts'
import { text } from './pages.ts'

/**
 * `open`: everything goes through to the collector; `failing`: it answers 500; `portal`: 200 with a page in HTML, as
 * the network of a hotel does until one has paid.
 */
export type GateState = 'open' | 'failing' | 'portal'

export interface Gate {
  /** What pages take for the collector: their `collector` option. */
  recordsUrl: string
  state: GateState
  /** All that was posted so far, whatever became of it. */
  posted: Envelope[]
  stop(): void
}

/** Stands in front of a real collector, sees what pages post, and can be shut. */
async function startGate(collectorUrl: string): Promise<Gate> {
  const server = createServer(async (request, response) => {
    const body = await text(request)
    gate.posted.push(JSON.parse(body))
    response.setHeader('access-control-allow-origin', '*')
    if (gate.state === 'failing') return response.writeHead(500).end()
    if (gate.state === 'portal') return response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome</h1>')
    const answer = await fetch(collectorUrl + request.url, { method: 'POST', body })
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  const gate: Gate = {
    recordsUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/records`,
    state: 'open',
    posted: [],
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
  return gate
}

export const test = base.extend<{ gate: Gate }>({
  gate: async ({ collector }, use) => {
    const gate = await startGate(collector.url)
    await use(gate)
    gate.stop()
  },
})
