import { parseArgs, styleText } from 'node:util'
import { followLive, type ReceivedEvent } from './client.ts'

const MONITOR_HELP = `dwelltime-collector monitor: prints what happens to sessions as it happens, and reconnects for ever.

  --url <origin>    of the collector (http://127.0.0.1:8787)
  --site <site>     only this one (all)
  --token <token>   a read token, or in DWELLTIME_TOKEN (none)
  --json            a JSON object a line
  -d                also says when the stream is there and when it is lost
  --help            this text
`

/** Where the monitor writes, and what ends it. */
export interface MonitorPlace {
  args: readonly string[]
  env: NodeJS.ProcessEnv
  /** Of events; of what is about the stream itself. */
  print: (line: string) => void
  note: (line: string) => void
  isColoured: boolean
  signal: AbortSignal
}

export async function runMonitor({ args, env, print, note, isColoured, signal }: MonitorPlace): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      url: { type: 'string', default: 'http://127.0.0.1:8787' },
      site: { type: 'string' },
      token: { type: 'string' },
      json: { type: 'boolean', default: false },
      debug: { type: 'boolean', short: 'd', default: false },
      help: { type: 'boolean' },
    },
  })
  if (values.help) return print(MONITOR_HELP)
  const token = values.token ?? env.DWELLTIME_TOKEN
  await followLive({
    origin: values.url,
    ...(token && { token }),
    ...(values.site !== undefined && { site: values.site }),
    signal,
    onEvent: (event) => print(values.json ? JSON.stringify(event) : lineOf(event, isColoured)),
    onState(state, reason) {
      if (values.debug || state === 'lost') note(`${state}${reason ? `: ${reason}` : ''}`)
    },
    onGap: () => note('some events are lost: the collector does not have them any more'),
  })
}

const LOOKS = {
  'session.on_join': { word: 'join ', colour: 'green' },
  'session.on_stats': { word: 'stats', colour: 'cyan' },
  'session.on_leave': { word: 'leave', colour: 'yellow' },
} as const

/** Control characters would be the terminal's, and ids come from pages. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about
const plain = (text: string) => text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd')

function lineOf({ name, session, stats }: ReceivedEvent, isColoured: boolean): string {
  const { word, colour } = LOOKS[name]
  const who = session.authrole === 'user' ? session.authid : 'anonymous'
  const figures = stats
    ? `  +${seconds(stats.durationMs)} (engaged ${seconds(stats.engagedMs)}, visible ${seconds(stats.visibleMs)})` +
      `  ${stats.messages} messages, ${stats.bytes} bytes  cycle ${stats.cycle}` +
      `${stats.first ? ' first' : ''}${stats.last ? ' last' : ''}`
    : ''
  const label = isColoured ? styleText(colour, word) : word
  return `${new Date().toISOString().slice(11, 19)}  ${label}  ${plain(session.realm)}  ${session.session.slice(0, 8)}  ${plain(who)}${figures}`
}

const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
