// A sender on plain sockets: what it costs is little beside what the server costs on the other core.
import { connect } from 'node:net'

const ANSWERED = Buffer.from('"problems":[]}')

/** 32 hex digits that no other call gave. */
function createIds() {
  const prefix = Math.floor(Math.random() * 2 ** 48)
    .toString(16)
    .padStart(12, '0')
  let last = 0
  return () => `${prefix}${(++last).toString(16).padStart(20, '0')}`
}

/**
 * Posts over `connections` for `ms`, `perPost` records each, at most `perSecond` posts if given.
 * Answers how many posts were acknowledged, and each one's time in ms.
 */
export async function load({ port, connections, ms, perPost, perSecond = Number.POSITIVE_INFINITY }) {
  const nextId = createIds()
  const startedAt = performance.now()
  const until = startedAt + ms
  const latencies = []
  let due = 0
  let refused = 0

  function request() {
    const now = Date.now()
    const sessionId = nextId()
    const records = Array.from({ length: perPost }, () => record(nextId(), sessionId, now))
    const body = `{"v":1,"sentAt":${now},"deferred":false,"via":"fetch","attempts":1,"dropped":0,"records":[${records}]}`
    return `POST /v1/records HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  }

  const connection = () =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', next).on('error', reject).on('close', resolve)
      let askedAt = 0
      function next() {
        if (performance.now() >= until) return socket.end()
        const waitMs = startedAt + (due / perSecond) * 1000 - performance.now()
        due += 1
        if (waitMs > 0) setTimeout(post, waitMs)
        else post()
      }
      function post() {
        askedAt = performance.now()
        socket.write(request())
      }
      socket.on('data', (chunk) => {
        if (chunk.includes(ANSWERED)) latencies.push(performance.now() - askedAt)
        else refused += 1
        next()
      })
    })
  await Promise.all(Array.from({ length: connections }, connection))
  return { posts: latencies.length, refused, seconds: (performance.now() - startedAt) / 1000, latencies }
}

const record = (viewId, sessionId, now) =>
  `{"site":"docs","client":"ScriptTag","viewId":"${viewId}","seq":1,"sessionId":"${sessionId}","sessionStartedAt":${now - 60000},` +
  `"lastActivityAt":${now},"sessionTimeoutMs":1860000,"maxSessionMs":43200000,"heartbeatMs":60000,"visitorId":"${sessionId}",` +
  `"path":"/learn/algebra","title":"Algebra","startedAt":${now - 60000},"totalMs":60000,"visibleMs":50000,"engagedMs":40000,` +
  `"state":"hidden","reason":"hidden","spans":[["engaged",0,40000],["idle",40000,50000],["hidden",50000,60000]],` +
  `"samplingRate":1,"samplingUnit":"session","activity":{"pointer":12,"key":0,"scroll":9,"touch":0,"media":0}}`

export function percentile(values, percent) {
  const ascending = [...values].sort((a, b) => a - b)
  return ascending[Math.min(ascending.length - 1, Math.floor((ascending.length * percent) / 100))] ?? Number.NaN
}
