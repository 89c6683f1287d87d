/**
 * Whether `id` is in a sample of `rate` (0..1): a function of the id alone, so the same in every tab and page. An id of
 * ours is random, so that its first 32 bits are as good a hash as any.
 */
export const isSampled = (id: string, rate: number): boolean => Number.parseInt(id.slice(0, 8), 16) < rate * 2 ** 32
