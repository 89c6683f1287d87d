import { parseArgs } from 'node:util'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { createMcpServer, type McpSource } from './server.ts'

const MCP_HELP = `dwelltime-collector mcp: the collector's tools for assistants, on stdin and stdout.

  --url <origin>         of the collector (http://127.0.0.1:8787)
  --metrics-url <url>    where its metrics are, if not at /metrics there
  --token <token>        a read token, or in DWELLTIME_TOKEN (none)
  --help                 this text
`

/** Serves until its input ends. Everything is asked of a running collector: it alone may open its store. */
export function runMcp(args: readonly string[], env: NodeJS.ProcessEnv): void {
  const { values } = parseArgs({
    args: [...args],
    options: {
      url: { type: 'string', default: 'http://127.0.0.1:8787' },
      'metrics-url': { type: 'string' },
      token: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  if (values.help) {
    console.log(MCP_HELP)
    return
  }
  const token = values.token ?? env.DWELLTIME_TOKEN
  const metricsUrl = values['metrics-url'] ?? new URL('/metrics', values.url).href
  serveStdio(() => createMcpServer(remoteSource({ origin: values.url, metricsUrl, token })))
}

interface Remote {
  origin: string
  metricsUrl: string
  token: string | undefined
}

function remoteSource({ origin, metricsUrl, token }: Remote): McpSource {
  async function ask(url: string): Promise<string> {
    const response = await fetch(url, { headers: token ? { authorization: `Bearer ${token}` } : {} })
    const text = await response.text()
    if (response.ok) return text
    throw new Error(problemOf(text) ?? `the collector answered ${response.status}`)
  }
  return {
    metrics: () => ask(metricsUrl),
    async report(name, query) {
      const url = new URL(`/api/reports/${name}?${new URLSearchParams(query)}`, origin)
      return (JSON.parse(await ask(url.href)) as { rows: object[] }).rows
    },
  }
}

function problemOf(text: string): string | undefined {
  try {
    const { problem, detail } = JSON.parse(text) as { problem?: string; detail?: string }
    return problem ?? detail
  } catch {
    return undefined // a proxy's page
  }
}
