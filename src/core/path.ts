import { MAX_PATH } from '../protocol/record.ts'

/** What looks like a secret or a person in a path: an e-mail address, a JWT, 20 or more hex digits. */
const TOKEN = /[^/]+(@|%40)[^/]+|eyJ[\w-]+\.[\w-]+\.[\w-]*|[\da-f]{20,}/gi

/** The path as it may travel: no query, no fragment, no tokens. */
export const cleanPath = (pathname: string): string => pathname.replace(TOKEN, ':redacted').slice(0, MAX_PATH)
