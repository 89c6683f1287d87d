/**
 * Whether `id` is in a sample of `rate` (0..1). A function of the id alone: the same in every tab, page and language.
 * FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/) finished with the mixer of MurmurHash3, since FNV alone
 * spreads short, similar ids badly over the high bits.
 */
export function isSampled(id: string, rate: number): boolean {
  let hash = 0x811c9dc5
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32 < rate
}
