import { listen, type Scope } from '../browser/scope.ts'
import type { ActivityCounts } from '../protocol/record.ts'
import type { Emit } from './page-lifecycle.ts'

/** A scroll this long after an input is the person's; `scrollTo()` fires trusted ones, too. */
const SCROLL_AFTER = 1_000 // ms

/** Tells that someone is there and when it happened; never what was typed or pressed. */
export function watchActivity(emit: Emit, scope: Scope): void {
  let inputAt = -SCROLL_AFTER
  let place: string | undefined
  listen<PointerEvent>(
    window,
    'pointerdown pointermove keydown touchmove wheel scroll',
    ({ type, isTrusted, timeStamp, screenX, screenY }) => {
      if (!isTrusted) return
      if (type === 'pointermove') {
        // Browsers also send moves when the page moves under a resting pointer. Not `movementX`: in WebKit a page's first is 0.
        const before = place
        place = `${screenX},${screenY}`
        if (place === before) return
      }
      if (type !== 'scroll') inputAt = timeStamp
      if (timeStamp - inputAt <= SCROLL_AFTER)
        emit('activity', (/pointer|key|touch/.exec(type)?.[0] ?? 'scroll') as keyof ActivityCounts, timeStamp)
    },
    scope,
  )
}
