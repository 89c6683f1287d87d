import { listen, type Scope } from '../browser/scope.ts'
import type { Emit } from './page-lifecycle.ts'

/**
 * Tells that someone is there and when it happened; never what was typed or pressed. No `scroll`: `scrollTo()` fires
 * trusted ones, and the wheel, key or finger that scrolls is seen itself.
 */
export function watchActivity(emit: Emit, scope: Scope): void {
  listen<PointerEvent>(
    window,
    'pointerdown pointermove keydown touchmove wheel',
    ({ type, isTrusted, timeStamp, movementX, movementY }) => {
      // Browsers also send moves when the page moves under a resting pointer.
      const isStill = type === 'pointermove' && !movementX && !movementY
      if (isTrusted && !isStill) emit('activity', undefined, timeStamp)
    },
    scope,
  )
}
