import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { onTestFinished } from 'vitest'
import { type createCollector, fromHere } from './collector.ts'

/** The official client over HTTP, on a collector in memory. */
export async function connectMcp(collector: ReturnType<typeof createCollector>, headers: Record<string, string> = {}) {
  const client = new Client({ name: 'test', version: '1' })
  const fetchApp = (url: string | URL, init?: RequestInit) => {
    const all = new Headers(init?.headers)
    for (const [name, value] of Object.entries(headers)) all.set(name, value)
    return collector.app.request(url.toString(), { ...init, headers: all }, fromHere) as Promise<Response>
  }
  await client.connect(new StreamableHTTPClientTransport(new URL('http://localhost/mcp'), { fetch: fetchApp }))
  onTestFinished(() => client.close())
  return client
}
