import { randomBytes } from 'node:crypto'
import type { Health } from '../health.ts'
import type { LiveEvent } from './event.ts'

/** What is kept for those who come back, in bytes of UTF-8: some thousand events. */
const REPLAY_BYTES = 2 * 1024 * 1024

/** What may wait for one client; who is further behind is dropped, and comes back with the last id it saw. */
const CLIENT_BYTES = 4 * 1024 * 1024

/** Proxies cut connections that are silent for a minute; half of the usual limits. */
const HEARTBEAT_MS = 15_000

/** After which a client that lost the stream comes back, in ms. */
const RETRY_MS = 2_000

const HEARTBEAT = new TextEncoder().encode(':\n\n')

interface Sent {
  number: number
  site: string
  text: string
}

interface Client {
  site: string | undefined
  stream: ReadableStreamDefaultController<Uint8Array>
}

/** Whom to send what, and from where. */
export interface Subscription {
  /** Undefined: all of them. */
  site: string | undefined
  /** The id of the last event that the client saw. */
  lastEventId: string | undefined
}

export interface Hub {
  /** Undefined if there are too many clients already. */
  open(subscription: Subscription): ReadableStream<Uint8Array> | undefined
  send(events: readonly LiveEvent[]): void
  stop(): void
}

export interface HubOptions {
  health: Pick<Health, 'setLiveClients' | 'countLiveClientDropped'>
  maxClients: number
  heartbeatMs?: number
}

/** Sends each event to everybody who wants it, once made, in order; waits for nobody. */
export function createHub({ health, maxClients, heartbeatMs = HEARTBEAT_MS }: HubOptions): Hub {
  /** Ids of another process mean nothing here. */
  const epoch = randomBytes(4).toString('hex')
  const clients = new Set<Client>()
  const sent: Sent[] = []
  let sentBytes = 0
  let last = 0
  const heart = setInterval(() => {
    for (const client of clients) push(client, HEARTBEAT)
  }, heartbeatMs).unref()

  function push(client: Client, bytes: Uint8Array): void {
    if ((client.stream.desiredSize ?? 0) > 0) {
      client.stream.enqueue(bytes)
      return
    }
    leave(client)
    health.countLiveClientDropped()
    client.stream.error(new Error('too slow'))
  }

  function leave(client: Client): void {
    clients.delete(client)
    health.setLiveClients(clients.size)
  }

  function keep(events: readonly LiveEvent[]): Sent[] {
    const made = events.map(({ name, session, stats }): Sent => {
      last += 1
      const data = JSON.stringify({ session, ...(stats && { stats }) })
      return { number: last, site: session.realm, text: `id: ${epoch}-${last}\nevent: ${name}\ndata: ${data}\n\n` }
    })
    for (const each of made) {
      sent.push(each)
      sentBytes += each.text.length
    }
    let gone = 0
    while (sentBytes > REPLAY_BYTES) sentBytes -= sent[gone++]!.text.length
    sent.splice(0, gone)
    return made
  }

  /** What a client missed; if some of it is gone, that comes first. */
  function missed({ site, lastEventId }: Subscription): string {
    if (!lastEventId) return ''
    const [, itsEpoch, number] = /^([0-9a-f]{8})-(\d{1,15})$/.exec(lastEventId) ?? []
    const from = itsEpoch === epoch ? Number(number) : 0
    const isWhole = itsEpoch === epoch && from <= last && from >= last - sent.length
    const events = sent.filter((each) => each.number > from && (site === undefined || each.site === site))
    return `${isWhole ? '' : GAP}${events.map((each) => each.text).join('')}`
  }

  return {
    open(subscription) {
      if (clients.size >= maxClients) return undefined
      let client: Client
      return new ReadableStream<Uint8Array>(
        {
          start(stream) {
            client = { site: subscription.site, stream }
            clients.add(client)
            health.setLiveClients(clients.size)
            stream.enqueue(new TextEncoder().encode(`retry: ${RETRY_MS}\n\n${missed(subscription)}`))
          },
          cancel: () => leave(client),
        },
        new ByteLengthQueuingStrategy({ highWaterMark: CLIENT_BYTES }),
      )
    },
    send(events) {
      if (events.length === 0) return
      const made = keep(events)
      const bytes = new Map<string | undefined, Uint8Array>() // the same for all who want the same
      for (const client of clients) {
        let theirs = bytes.get(client.site)
        if (!theirs) {
          const wanted = made.filter((each) => client.site === undefined || each.site === client.site)
          theirs = new TextEncoder().encode(wanted.map((each) => each.text).join(''))
          bytes.set(client.site, theirs)
        }
        if (theirs.length > 0) push(client, theirs)
      }
    },
    stop() {
      clearInterval(heart)
      for (const client of clients) {
        leave(client)
        client.stream.close()
      }
    },
  }
}

/** Without an id: who comes back again still names the last event that it saw. */
const GAP = 'event: gap\ndata: {}\n\n'
