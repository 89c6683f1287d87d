import { lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'

/** An address that a webhook may not lead to. A retry could not change that. */
export class RefusedAddressError extends Error {}

/** Whether anybody on the internet could be reached there: no private, local, reserved or translated network. */
export function isPublic(address: string): boolean {
  const bare = address.replace(/^\[|\]$/g, '').split('%')[0]!
  return ipaddr.isValid(bare) && ipaddr.process(bare).range() === 'unicast'
}

export type Resolve = (host: string) => Promise<{ address: string; family: number }[]>

const resolveHost: Resolve = (host) =>
  new Promise((resolve, reject) =>
    lookup(host, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses))),
  )

/**
 * Resolves a name for a connection, and refuses it if any of its addresses is not public. What was looked at is what is
 * connected to: a name that leads elsewhere a moment later gains nothing.
 */
export function publicLookup(resolve: Resolve = resolveHost): LookupFunction {
  return (host, options, done) => {
    resolve(host).then(
      (addresses) => {
        const refused = addresses.find(({ address }) => !isPublic(address))
        if (refused) return done(new RefusedAddressError('the address is not public'), '', 0)
        const [first] = addresses
        if (!first) return done(new Error('the name has no address'), '', 0)
        if (options.all) return done(null, addresses)
        done(null, first.address, first.family)
      },
      (error: NodeJS.ErrnoException) => done(error, '', 0),
    )
  }
}
