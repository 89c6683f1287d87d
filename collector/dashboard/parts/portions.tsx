import { usePlace } from '../address/use-address.ts'
import { sayNumber } from '../words/number.ts'
import { Link } from './link.tsx'

interface PortionsProps {
  /** Of the rows that this portion shows, from 0. */
  from: number
  shown: number
  /** Undefined: nobody counted. */
  all?: number
  hasMore: boolean
  what: string
}

/** The way through a long table, a portion at a time. */
export function Portions({ from, shown, all, hasMore, what }: PortionsProps) {
  const { address } = usePlace()
  if (from === 0 && !hasMore) return null
  return (
    <nav class="portions" aria-label={`Portions of ${what}`}>
      <span class="fine">
        {sayNumber(from + 1)} to {sayNumber(from + shown)}
        {all !== undefined && ` of ${sayNumber(all)}`}
      </span>
      {address.portion > 1 && <Link to={{ ...address, portion: address.portion - 1 }}>Previous</Link>}
      {hasMore && <Link to={{ ...address, portion: address.portion + 1 }}>Next</Link>}
    </nav>
  )
}
