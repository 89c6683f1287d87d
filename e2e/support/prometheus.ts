import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { poll } from './poll.ts'
import { makeTempDir, removeDir, run } from './process.ts'

const DOCS = fileURLToPath(new URL('../../docs/', import.meta.url))

/** A series, and its newest value; `NaN` where there was nothing to divide by. */
export interface Sample {
  metric: Record<string, string>
  value: number
}

export interface Prometheus {
  /** The instant vector that a PromQL expression is now. */
  ask(expression: string): Promise<Sample[]>
  /** The sum of an expression, 0 if there is nothing of it. */
  sum(expression: string): Promise<number>
  /** The expressions of the rules that it has loaded. */
  rules(): Promise<string[]>
  stop(): Promise<void>
}

/** Starts the real one on docs/prometheus as it is, but that it looks every second, and at these collectors. */
export async function startPrometheus(...collectorUrls: string[]): Promise<Prometheus> {
  const dir = await makeTempDir('prometheus')
  const config = await readFile(`${DOCS}prometheus/prometheus.yml`, 'utf8')
  const changed = config
    .replace(/(scrape_interval|scrape_timeout|evaluation_interval): \d+s/g, '$1: 1s')
    .replace(/\[.127\.0\.0\.1:8787.\]/, JSON.stringify(collectorUrls.map((url) => new URL(url).host)))
  await writeFile(`${dir}/prometheus.yml`, changed)
  await copyFile(`${DOCS}prometheus/alerts.yml`, `${dir}/alerts.yml`)
  const address = `127.0.0.1:${await freePort()}`
  const child = run(process.env.PROMETHEUS_BIN || 'prometheus', [
    `--config.file=${dir}/prometheus.yml`,
    `--storage.tsdb.path=${dir}/data`,
    '--storage.tsdb.retention.time=90d',
    `--web.listen-address=${address}`,
  ])
  await child.printed(/Server is ready to receive web requests/)

  async function get(path: string) {
    const response = await fetch(`http://${address}/api/v1/${path}`)
    const answer = (await response.json()) as { status: string; error?: string; data: never }
    if (answer.status !== 'success') throw new Error(`${path}: ${answer.error}`)
    return answer.data
  }

  async function ask(expression: string): Promise<Sample[]> {
    const { result } = (await get(`query?${new URLSearchParams({ query: expression })}`)) as {
      result: { metric: Sample['metric']; value: [number, string] }[]
    }
    return result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }))
  }

  await poll(async () => (await ask('up == 1')).length > 0, 'the first scrape', 20_000)
  return {
    ask,
    sum: async (expression) => (await ask(expression)).reduce((total, { value }) => total + value, 0),
    async rules() {
      const { groups } = (await get('rules')) as { groups: { rules: { query: string }[] }[] }
      return groups.flatMap(({ rules }) => rules.map(({ query }) => query))
    },
    async stop() {
      child.signal('SIGTERM')
      await child.exited
      await removeDir(dir)
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** The queries of docs/prometheus/README.md under their sentences, and those of the dashboard under their panels. */
export async function documentedQueries(): Promise<{ readme: Record<string, string>; dashboard: [string, string][] }> {
  const text = await readFile(`${DOCS}prometheus/README.md`, 'utf8')
  const [, block = ''] = /```promql\n([\s\S]*?)```/.exec(text) ?? []
  const readme = Object.fromEntries(
    block
      .trim()
      .split('\n\n')
      .map((query) => /^# (.*)\n([\s\S]*)$/.exec(query)!.slice(1) as [string, string]),
  )
  const { panels } = JSON.parse(await readFile(`${DOCS}grafana/dashboard.json`, 'utf8')) as {
    panels: { title: string; targets: { expr: string }[] }[]
  }
  const dashboard = panels.flatMap(({ title, targets }) =>
    targets.map(({ expr }): [string, string] => [title, inGrafana(expr)]),
  )
  return { readme, dashboard }
}

/** What Grafana puts in for its variables: everything chosen, the range that four scrapes need. */
const inGrafana = (expression: string) => expression.replace(/\$(job|site)/g, '.*').replaceAll('$__rate_interval', '1m')
