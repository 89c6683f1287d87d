import { useEffect, useState } from 'preact/hooks'
import { followLive, type ReceivedEvent } from '../../src/live/client.ts'
import { useReading } from './reading.ts'

/** Events come in bursts: who is told of each at most once in so long draws calmly. */
const CALM_MS = 1_000

/** How the stream of events is, as the page says it. */
export type LiveState = { is: 'connecting' } | { is: 'connected' } | { is: 'lost'; reason: string }

interface Live {
  state: LiveState
  /** The newest first. */
  events: (ReceivedEvent & { at: number })[]
  /** Rises, calmly, when something happened. */
  pulse: number
}

const MOST_EVENTS = 50

/** The live stream of a site, as long as the view is there. */
export function useLive(site: string | undefined): Live {
  const { token, round } = useReading()
  const [live, setLive] = useState<Live>({ state: { is: 'connecting' }, events: [], pulse: 0 })

  // A new round begins with a new connection.
  useEffect(() => {
    const stopping = new AbortController()
    let waiting: (ReceivedEvent & { at: number })[] = []
    let timer: ReturnType<typeof setTimeout> | undefined
    const setState = (state: LiveState) => setLive((before) => ({ ...before, state }))
    const tell = () => {
      timer = undefined
      const news = waiting.reverse()
      waiting = []
      setLive(({ state, events, pulse }) => ({
        ...{ state, pulse: pulse + 1 },
        events: [...news, ...events].slice(0, MOST_EVENTS),
      }))
    }
    setLive({ state: { is: 'connecting' }, events: [], pulse: 0 })
    followLive({
      origin: location.origin,
      ...(token !== undefined && { token }),
      ...(site !== undefined && { site }),
      signal: stopping.signal,
      onEvent(event) {
        waiting.push({ ...event, at: Date.now() })
        timer ??= setTimeout(tell, CALM_MS)
      },
      onState: (is, reason = '') => setState(is === 'lost' ? { is, reason } : { is }),
      onGap: () => {
        timer ??= setTimeout(tell, CALM_MS)
      },
    }).catch(() => undefined) // refused: the state says why, and polling goes on
    return () => {
      stopping.abort()
      clearTimeout(timer)
    }
  }, [site, token, round])

  return live
}
