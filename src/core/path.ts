import { MAX_PATH } from '../protocol/record.ts'

/**
 * The path, with allowed parameters, as it may travel: without what looks like a secret or a person (an e-mail address,
 * a JWT, 20 or more hex digits).
 */
export const cleanPath = (pathname: string): string =>
  pathname.replace(/[^/?&=]+(@|%40)[^/?&=]+|eyJ[\w-]+\.[\w-]+\.[\w-]*|[\da-f]{20,}/gi, ':redacted').slice(0, MAX_PATH)
