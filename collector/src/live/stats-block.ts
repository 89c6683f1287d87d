import * as v from 'valibot'
import { integer, object } from '../wanted.ts'

/** A site's block `stats`: when its sessions' figures are published. The names are those of the original. */
export interface StatsBlock {
  /** Bytes of one rated message. */
  rated_message_size: number
  /** 0: never for this reason; so is the duration, in seconds. */
  trigger_after_rated_messages: number
  trigger_after_duration: number
  trigger_on_join: boolean
  trigger_on_leave: boolean
}

const POWER_OF_TWO = 'a power of two'
const isPowerOfTwo = (size: number) => size >= 1 && Number.isInteger(Math.log2(size))

const statsBlock = object({
  rated_message_size: v.optional(
    v.pipe(
      v.number(POWER_OF_TWO),
      v.check(isPowerOfTwo, ({ input }) => `${POWER_OF_TWO}, not ${input}`),
    ),
    512,
  ),
  trigger_after_rated_messages: v.optional(integer(0), 0),
  trigger_after_duration: v.optional(integer(0), 0),
  trigger_on_join: v.optional(v.boolean('true or false'), true),
  trigger_on_leave: v.optional(v.boolean('true or false'), true),
})

/** By site; `*`: every other site. */
export const statsBlocks = v.record(v.string(), statsBlock, 'stats by site')
