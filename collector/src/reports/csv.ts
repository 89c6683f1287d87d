/** A spreadsheet takes a cell that begins so for a formula, with all that formulas can do. */
const FORMULA = /^[=+\-@\t\r\n]/

/** A plain number is none, not even below 0. */
const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i

/** RFC 4180: a line of names, then the rows; nested names are joined by a dot. */
export function toCsv(rows: readonly object[]): string {
  const flat = rows.map((row) => flatten(row))
  const names = [...new Set(flat.flatMap((row) => Object.keys(row)))]
  const lines = [names, ...flat.map((row) => names.map((name) => row[name]))]
  return lines.map((cells) => `${cells.map(cell).join(',')}\r\n`).join('')
}

function flatten(row: object, prefix = ''): Record<string, unknown> {
  const flat: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(row)) {
    if (Array.isArray(value)) flat[prefix + name] = JSON.stringify(value)
    else if (value !== null && typeof value === 'object') Object.assign(flat, flatten(value, `${prefix}${name}.`))
    else flat[prefix + name] = value
  }
  return flat
}

function cell(value: unknown): string {
  const text = value === null || value === undefined ? '' : String(value)
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
