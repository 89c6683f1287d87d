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

/** Why this caller may not read; undefined if it may. As long as there is no read token, only this machine may. */
export function readingRefused({ peerAddress, host, headers }: Caller): string | undefined {
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
