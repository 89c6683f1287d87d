/**
 * Units of time as types. They are flavours, not brands: a bare number fits each, so arithmetic needs no casts,
 * but an `Instant` cannot slip in where a `WallTime` or a length is wanted.
 */

/** A length of time in milliseconds. */
export type Millis = number & { readonly unit?: 'ms' }

/** A point on the monotonic clock (`performance.now()`), in ms since this page's time origin. */
export type Instant = number & { readonly unit?: 'ms since the page began' }

/** A point on the wall clock (`Date.now()`), in ms since the Unix epoch. It only stamps; it never measures. */
export type WallTime = number & { readonly unit?: 'ms since the epoch' }

/** One moment on both clocks, read together. */
export interface Moment {
  at: Instant
  wall: WallTime
}

export const seconds = (count: number): Millis => Math.round(count * 1_000)
export const minutes = (count: number): Millis => seconds(count * 60)

export const max = Math.max
export const min = Math.min

export const clamp = (value: number, low: number, high: number): number => min(max(value, low), high)
