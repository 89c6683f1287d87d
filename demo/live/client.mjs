// A complete client of the live stream: who is there now, and how long they were engaged.
// node demo/live/client.mjs [http://127.0.0.1:8787]
import { followLive } from 'dwelltime-collector/live'

const there = new Map()
const origin = process.argv[2] ?? 'http://127.0.0.1:8787'

await followLive({
  origin,
  token: process.env.DWELLTIME_TOKEN,
  onEvent({ name, session, stats }) {
    const id = session.session
    if (name === 'session.on_join') there.set(id, 0)
    // Figures come since the last ones: they add up.
    if (name === 'session.on_stats') there.set(id, (there.get(id) ?? 0) + stats.engagedMs)
    if (name === 'session.on_leave') {
      console.log(`${session.realm}: ${id.slice(0, 8)} left, engaged ${((there.get(id) ?? 0) / 1000).toFixed(1)} s`)
      there.delete(id)
    }
    console.log(`${there.size} there`)
  },
  onState: (state, reason) => console.log(reason ? `${state}: ${reason}` : state),
  onGap: () => there.clear(),
})
