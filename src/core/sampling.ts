/**
 * Whether `id` is in a sample of `rate` (0..1): a hash of the id alone decides, so the same in every tab and page. Any
 * text will do: each character is multiplied over the 32 bits (Knuth's golden ratio, TAOCP 6.4), and the high bits are
 * folded back onto the low ones.
 */
export function isSampled(id: string, rate: number): boolean {
  let hash = 0
  for (const char of `${id}.`) {
    hash = Math.imul(hash ^ char.codePointAt(0)!, 0x9e3779b1)
    hash ^= hash >>> 15
  }
  return hash >>> 0 < rate * 2 ** 32
}
