import { createHmac } from 'node:crypto'
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP } from 'node:net'
import { isPublic, publicLookup, RefusedAddressError, type Resolve } from './address.ts'

/** A receiver that takes longer than this is tried again. */
const TIMEOUT_MS = 10_000

/** What came of a try. `refused`: it must not be tried again. */
export type Delivery = { ok: true } | { ok: false; refused: boolean; errorType: string; reason: string }

export interface Post {
  url: string
  id: string
  body: string
  secret: string
  now: Date
  isPrivateAllowed: boolean
  resolve?: Resolve
}

/** Posts to a webhook once. Follows no redirect; connects to public addresses alone, unless others are allowed. */
export async function postWebhook(post: Post): Promise<Delivery> {
  try {
    const status = await send(post)
    if (status >= 200 && status < 300) return { ok: true }
    const isRedirect = status >= 300 && status < 400
    const errorType = isRedirect ? 'Redirect' : 'HttpError'
    return { ok: false, refused: isRedirect, errorType, reason: `it answered ${status}` }
  } catch (error) {
    const refused = error instanceof RefusedAddressError
    const { code, message } = error as NodeJS.ErrnoException
    return { ok: false, refused, errorType: refused ? 'RefusedAddress' : 'NetworkError', reason: code ?? message }
  }
}

function send({ url, id, body, secret, now, isPrivateAllowed, resolve }: Post): Promise<number> {
  const { protocol, hostname } = new URL(url)
  // Literal addresses are connected to without being looked up.
  const literal = hostname.replace(/^\[|\]$/g, '')
  if (!isPrivateAllowed && isIP(literal) && !isPublic(literal)) {
    return Promise.reject(new RefusedAddressError('the address is not public'))
  }
  const request = protocol === 'https:' ? requestHttps : requestHttp
  const options = {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'user-agent': 'dwelltime',
      'dwelltime-id': id,
      'dwelltime-signature': signatureOf(body, secret, now),
    },
    agent: false, // a connection of its own: one that was kept open was looked at for somebody else
    signal: AbortSignal.timeout(TIMEOUT_MS),
    ...(!isPrivateAllowed && { lookup: publicLookup(resolve) }),
  } as const
  return new Promise((resolve_, reject) => {
    request(url, options, (response) => {
      response.resume()
      response.on('error', () => {}) // the status is all that is wanted
      resolve_(response.statusCode ?? 0)
    })
      .on('error', reject)
      .end(body)
  })
}

/** `t` in seconds since the epoch; `v1` the HMAC-SHA256 of `t`, a dot and the body, in hex. */
export function signatureOf(body: string, secret: string, now: Date): string {
  const t = Math.floor(now.getTime() / 1000)
  return `t=${t},v1=${createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')}`
}
