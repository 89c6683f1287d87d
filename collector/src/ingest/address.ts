import ipaddr from 'ipaddr.js'

/** A whole home or office network of IPv6; its owner can use any address in it. */
const IPV6_NETWORK_BITS = 64

/** What all senders share whose address nobody knows. */
const UNKNOWN = 'unknown'

/** Where a request came from, as the socket and the proxies tell it. */
export interface Route {
  /** Of the socket; undefined where it is not known. */
  peerAddress: string | undefined
  /** The X-Forwarded-For header, as it came. */
  forwardedFor: string | undefined
}

/**
 * The network that a request came from, for counting only: the address itself, a /64 of IPv6. `trustedHops` proxies
 * of ours each append whom they saw, so that many entries from the right the client stands; anything further left
 * is the client's own word. A header shorter than that did not pass all of them: then only the socket tells.
 */
export function addressPrefix({ peerAddress, forwardedFor }: Route, trustedHops: number): string {
  const hops = trustedHops > 0 ? (forwardedFor ?? '').split(',') : []
  const told = hops.length >= trustedHops ? hops.at(-trustedHops) : undefined
  return prefixOf(told?.trim()) ?? prefixOf(peerAddress) ?? UNKNOWN
}

function prefixOf(text: string | undefined): string | undefined {
  // Only as addresses are usually written: `1` and `0x7f.1` are valid to some, too.
  if (!text || !(ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text))) return undefined
  const address = ipaddr.process(text) // IPv4 in IPv6's clothes is IPv4
  if (address.kind() === 'ipv4') return address.toString()
  const network = ipaddr.IPv6.networkAddressFromCIDR(
    `${address.toNormalizedString().split('%')[0]}/${IPV6_NETWORK_BITS}`,
  )
  return `${network.toString()}/${IPV6_NETWORK_BITS}`
}
