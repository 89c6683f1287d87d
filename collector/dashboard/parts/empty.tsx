import { usePlace } from '../address/use-address.ts'
import { Link } from './link.tsx'

/** Nothing is there: either nothing was ever sent, or the filters leave nothing. Both can be helped. */
export function NothingYet() {
  const { address } = usePlace()
  const tag = `<script async src="${location.origin}/dwelltime.js" data-site="${address.filter.site ?? 'my-site'}"></script>`
  return (
    <section class="panel wide nothing" aria-labelledby="nothing">
      <h2 id="nothing">Nothing was measured in these days</h2>
      <p>Choose a longer range or other filters above, or put this tag into the pages that are to be measured:</p>
      <div class="tag">
        <pre>
          <code>{tag}</code>
        </pre>
        <button type="button" onClick={() => void navigator.clipboard?.writeText(tag)}>
          Copy
        </button>
      </div>
      <p>
        Figures come within a second of the first visit. To see it work, read a page of the <a href="/demo/">demo</a>
        {Object.keys(address.filter).length > 0 && (
          <>
            , or <Link to={{ ...address, filter: {} }}>remove all filters</Link>
          </>
        )}
        .
      </p>
    </section>
  )
}
