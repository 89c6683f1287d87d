/** Chance that is the same for the same seed, on every machine. */
export interface Random {
  /** From 0 to 1, 1 excluded. */
  next(): number
  chance(share: number): boolean
  /** From the first to the last, both included. */
  whole(first: number, last: number): number
  between(from: number, to: number): number
  pick<T>(items: readonly T[]): T
  /** By its weight. */
  pickWeighted<T>(items: readonly (readonly [item: T, weight: number])[]): T
  /** Half of them are below the median; `spread` is the deviation of the logarithm. */
  logNormal(median: number, spread: number): number
  /** How often in a row something of this chance succeeds. */
  streak(share: number): number
  /** 128 bits as 32 hex digits. */
  id(): string
}

/** sfc32, the smallest generator that passes PractRand; seeded by any text, so that each thing can have its own. */
export function createRandom(seed: string): Random {
  let [a, b, c, counter] = hash128(seed)
  function bits(): number {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }
  for (let round = 0; round < 12; round++) bits() // until every bit of the seed is everywhere

  const next = () => bits() / 2 ** 32
  return {
    next,
    chance: (share) => next() < share,
    whole: (first, last) => first + Math.floor(next() * (last - first + 1)),
    between: (from, to) => from + next() * (to - from),
    pick: (items) => items[Math.floor(next() * items.length)]!,
    pickWeighted(items) {
      let left = next() * items.reduce((sum, [, weight]) => sum + weight, 0)
      for (const [item, weight] of items) {
        left -= weight
        if (left < 0) return item
      }
      return items.at(-1)![0]
    },
    logNormal(median, spread) {
      const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next())
      return median * Math.exp(spread * normal)
    },
    streak(share) {
      let length = 0
      while (next() < share && length < 100) length += 1
      return length
    },
    id: () => Array.from({ length: 4 }, () => bits().toString(16).padStart(8, '0')).join(''),
  }
}

/** cyrb128: four words of a text. */
function hash128(text: string): [number, number, number, number] {
  const words: [number, number, number, number] = [1779033703, 3144134277, 1013904242, 2773480762]
  const factors = [597399067, 2869860233, 951274213, 2716044179]
  for (let at = 0; at < text.length; at++) {
    for (let word = 0; word < 4; word++) {
      words[word] = words[(word + 1) % 4]! ^ Math.imul(words[word]! ^ text.charCodeAt(at), factors[word]!)
    }
  }
  return words
}
