import { listen, type Scope } from '../browser/scope.ts'
import { type Instant, seconds } from '../core/time.ts'
import type { ActivityCounts } from '../protocol/record.ts'
import type { Emit } from './page-lifecycle.ts'

/** A scroll is a person's only this soon after an input: `scrollTo()` fires trusted scroll events too. */
const SCROLL_AFTER_INPUT = seconds(1)

/** Tells that someone is there and when it happened; never what was typed or pressed. */
export function watchActivity(emit: Emit, scope: Scope): void {
  let inputAt: Instant = -Infinity
  let position = ''

  listen<PointerEvent>(
    window,
    'pointerdown pointermove keydown touchmove wheel scroll',
    ({ type, isTrusted, timeStamp: at, screenX, screenY }) => {
      // Browsers also send moves when the page moves under a resting pointer.
      const isStill = type === 'pointermove' && position === (position = `${screenX},${screenY}`)
      if (!isTrusted || isStill || (type === 'scroll' && at - inputAt > SCROLL_AFTER_INPUT)) return
      if (type !== 'scroll') inputAt = at
      const [kind] = /^(pointer|key|touch)/.exec(type) ?? ['scroll']
      emit('activity', kind as keyof ActivityCounts, at)
    },
    scope,
  )
}
