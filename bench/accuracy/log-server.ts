import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from '../../e2e/support/pages.ts'
import type { Diary } from './truth.ts'

export interface LogServer {
  origin: string
  /**
   * The fullest diary of each document of an origin, begun since an instant (epoch ms): a closing page may still be
   * sending that of an earlier scenario, and a port may have been another's before.
   */
  take(origin: string, since: number): Diary[]
  /** That of a page that is still there, read by the driver. */
  add(diary: Diary): void
  stop(): void
}

/** Another origin beside the pages: it takes their diaries, and has the document of the iframes and the sound. */
export async function startLogServer(): Promise<LogServer> {
  const diaries = new Map<string, Diary>()
  const add = (diary: Diary) => {
    const known = diaries.get(diary.doc)
    if (!known || known.events.length <= diary.events.length) diaries.set(diary.doc, diary)
  }
  const server = createServer(async (request, response) => {
    const url = new URL(request.url!, 'http://localhost')
    const send = (type: string, body: string | Uint8Array = '') =>
      response.writeHead(200, { 'content-type': type }).end(body)
    if (url.pathname === '/log') add(JSON.parse(await text(request)))
    if (url.pathname === '/frame') return send('text/html', FRAME)
    if (url.pathname === '/tone.wav') return sendRange(request, response, tone(Number(url.searchParams.get('seconds'))))
    send('text/plain')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    add,
    take: (origin, since) => [...diaries.values()].filter((diary) => diary.origin === origin && diary.epoch >= since),
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Players ask for parts of a file, and some give up on a server that knows none. */
function sendRange({ headers }: IncomingMessage, response: ServerResponse, wav: Uint8Array): void {
  const [, first, last] = headers.range?.match(/bytes=(\d+)-(\d*)/) ?? []
  const from = Number(first ?? 0)
  const to = last ? Number(last) : wav.length - 1
  const range = first ? { 'content-range': `bytes ${from}-${to}/${wav.length}` } : {}
  const head = { 'content-type': 'audio/wav', 'accept-ranges': 'bytes', 'content-length': to + 1 - from, ...range }
  response.writeHead(first ? 206 : 200, head).end(wav.subarray(from, to + 1))
}

/** All of it is one field to type in, wherever it is clicked. */
const FRAME = `<!doctype html><meta charset="utf-8"><title>A document of its own</title>
<textarea style="position: fixed; inset: 0; width: 100%; height: 100%"></textarea>`

/** A quiet hum as an 8-bit WAV: the one format that needs no encoder and that every engine plays. */
function tone(seconds: number): Uint8Array {
  const rate = 8_000
  const wav = Buffer.alloc(44 + rate * seconds)
  wav.write('RIFF', 0)
  wav.writeUInt32LE(36 + rate * seconds, 4)
  wav.write('WAVEfmt ', 8)
  wav.writeUInt32LE(16, 16) // length of this block
  wav.writeUInt16LE(1, 20) // PCM
  wav.writeUInt16LE(1, 22) // one channel
  wav.writeUInt32LE(rate, 24)
  wav.writeUInt32LE(rate, 28) // bytes per second
  wav.writeUInt16LE(1, 32) // bytes per sample
  wav.writeUInt16LE(8, 34) // bits per sample
  wav.write('data', 36)
  wav.writeUInt32LE(rate * seconds, 40)
  for (let i = 0; i < rate * seconds; i++) wav[44 + i] = 128 + 8 * Math.sin((i / rate) * 2 * Math.PI * 200)
  return wav
}
