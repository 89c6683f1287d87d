const two = (n) => String(n).padStart(2, '0')

/** A running clock: `0:07.3`, `12:04.9`, `1:02:03`. */
export function clock(ms) {
  const tenths = Math.floor(Math.max(ms, 0) / 100)
  const seconds = Math.floor(tenths / 10)
  const minutes = Math.floor(seconds / 60)
  if (minutes >= 60) return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(seconds % 60)}`
  return `${minutes}:${two(seconds % 60)}.${tenths % 10}`
}

/** A length of time to read: `7.3 s`, `1 min 12 s`, `2 h 05 min`. */
export function duration(ms) {
  if (ms < 60_000) return `${(Math.floor(Math.max(ms, 0) / 100) / 10).toFixed(1)} s`
  const seconds = Math.floor(ms / 1000)
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${two(seconds % 60)} s`
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`
}

/** An instant in the reader's own time; the day only if it is not today. */
export function instant(at) {
  const date = new Date(at)
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  if (date.toDateString() === new Date().toDateString()) return time
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`
}

/** Enough of an id to tell two apart. */
export const shortId = (id) => id.slice(0, 8)
