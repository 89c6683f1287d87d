import { type Millis, min } from '../core/time.ts'

/**
 * How long to wait after `failures` in a row, from 1: 2 s, doubling up to 256 s, spread over half to whole by `random`
 * (0..1), so that pages that lost the collector together do not come back together.
 */
export const backoff = (failures: number, random: number): Millis => 500 * 2 ** min(failures, 8) * (1 + random)
