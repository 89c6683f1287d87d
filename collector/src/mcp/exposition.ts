/** One line of `/metrics`. */
interface Sample {
  name: string
  labels: Record<string, string>
  value: number
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g

/** Reads what Prometheus reads: the samples of text format 0.0.4, as we write it. */
export function readSamples(text: string): Sample[] {
  return text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = LINE.exec(line) ?? []
    if (!name || value === undefined) return []
    const pairs = [...labels.matchAll(LABEL)].map(([, label, written]) => [label!, unescaped(written!)])
    return [{ name, labels: Object.fromEntries(pairs) as Sample['labels'], value: Number(value) }]
  })
}

const unescaped = (written: string) => written.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char))
