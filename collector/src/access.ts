import { createHash, timingSafeEqual } from 'node:crypto'
import { BlockList, isIP } from 'node:net'

/** What the rule looks at. */
export interface Caller {
  /** Of the socket; undefined where it is not known. */
  peerAddress: string | undefined
  /** As in the Host header. */
  host: string
  headers: Headers
}

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

/** A page elsewhere can make a browser here ask us under its own name (DNS rebinding), never under one of these. */
const LOCAL_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i

/** Any of these means that a proxy speaks for somebody else: then loopback says nothing of who asks. */
const FORWARDING_HEADER =
  /^(forwarded|via|x-forwarded.*|x-real-ip|x-client-ip|x-cluster-client-ip|true-client-ip|cf-.*)$/

/** A token that may read; only this site, only such pages, if it says so. */
export interface ReadToken {
  token: string
  site?: string
  page?: string
}

export interface Tokens {
  read: readonly ReadToken[]
  /** May delete, too. */
  admin?: string
}

/** Somebody who may ask, and what about. */
export interface Reader {
  isAdmin: boolean
  /** On this machine, and without a token. */
  isLocal?: boolean
  site?: string
  page?: string
}

export type Authorization =
  | { reader: Reader; refusal?: never }
  | { reader?: never; refusal: { status: 401 | 403; problem: string } }

/** A token tells who asks. Without one only this machine may, and it may read, not delete. */
export function authorize(caller: Caller, tokens: Tokens): Authorization {
  const header = caller.headers.get('authorization')
  if (header !== null) {
    const token = /^Bearer +(\S+) *$/i.exec(header)?.[1] ?? ''
    const reader = readerOf(token, tokens)
    return reader ? { reader } : refuse(401, 'authorization: want a token that this collector knows')
  }
  const problem = readingRefused(caller)
  if (!problem) return { reader: { isAdmin: false, isLocal: true } }
  const hasTokens = tokens.read.length > 0 || tokens.admin !== undefined
  return hasTokens ? refuse(401, 'authorization: want a read token, as in Bearer …') : refuse(403, problem)
}

const refuse = (status: 401 | 403, problem: string): Authorization => ({ refusal: { status, problem } })

function readerOf(token: string, { read, admin }: Tokens): Reader | undefined {
  if (admin !== undefined && isSame(token, admin)) return { isAdmin: true }
  const found = read.find((known) => isSame(token, known.token))
  if (!found) return undefined
  const { token: _, ...limits } = found
  return { isAdmin: false, ...limits }
}

/** What is asked for, as far as the reader may see it; `allowedPage` must hold beside any page asked for. */
export type Narrowed =
  | { value: { site?: string; allowedPage?: string }; problem?: never }
  | { value?: never; problem: string }

/** `to`: the narrowest that the answer can be limited to. */
export function narrow(reader: Reader, site: string | undefined, to: 'site' | 'pages'): Narrowed {
  if (reader.site !== undefined && site !== undefined && site !== reader.site) {
    return { problem: 'site: want the one that this token is for' }
  }
  if (reader.page !== undefined && to !== 'pages') return { problem: 'this tells of more than the pages of this token' }
  return {
    value: {
      ...(reader.site !== undefined && { site: reader.site }),
      ...(reader.page !== undefined && { allowedPage: reader.page }),
    },
  }
}

/** Takes as long for a wrong token as for a right one. */
const isSame = (a: string, b: string) => timingSafeEqual(digest(a), digest(b))

const digest = (text: string) => createHash('sha256').update(text).digest()

/** Shorter ones could be guessed. */
const MIN_TOKEN = 16

const WANT_TOKENS = `want tokens of at least ${MIN_TOKEN} characters, as in 3f9a…,7bc1…;site=docs;page=/learn/*`

/** Reads `token,token;site=docs;page=/learn/*`. Throws an Error that says what was wanted, never what was given. */
export function readTokens(text: string): ReadToken[] {
  return text
    .split(',')
    .filter((entry) => entry.trim() !== '')
    .map((entry) => {
      const [token = '', ...limits] = entry.split(';').map((part) => part.trim())
      const read: ReadToken = { token: readToken(token) }
      for (const limit of limits) {
        const [, name, value] = /^(site|page)=(.+)$/.exec(limit) ?? []
        if (value === undefined) throw new Error(WANT_TOKENS)
        read[name as 'site' | 'page'] = value
      }
      return read
    })
}

/** Throws an Error that says what was wanted. */
export function readToken(text: string): string {
  if (text.length < MIN_TOKEN || !/^\S+$/.test(text)) throw new Error(WANT_TOKENS)
  return text
}

/** Why this caller may not read without a token; undefined if it may. */
function readingRefused({ peerAddress, host, headers }: Caller): string | undefined {
  if (!isLoopback(peerAddress)) return 'reading: want a peer on this machine'
  if (!LOCAL_HOST.test(host)) return 'reading: want a local Host header, such as localhost'
  for (const name of headers.keys()) {
    if (FORWARDING_HEADER.test(name)) return 'reading: want no proxy in between'
  }
  return undefined
}

function isLoopback(address: string | undefined): boolean {
  const family = isIP(address ?? '')
  return family !== 0 && loopback.check(address!, family === 4 ? 'ipv4' : 'ipv6')
}
