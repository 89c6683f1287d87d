/** Some media of the page plays, and is not there for decoration: muted and looping. */
export const isMediaPlaying = (): boolean =>
  [...document.querySelectorAll<HTMLMediaElement>('video,audio')].some(
    (media) => !media.paused && media.readyState > 2 && !(media.muted && media.loop),
  )

/** Answers, at each look, a sign that someone is there and that no event of this page tells. */
export function createPresence(): () => 'media' | 'frame' | undefined {
  let inside: Element | null
  let isPlaying: boolean
  return () => {
    const before = inside
    const wasPlaying = isPlaying
    inside = document.activeElement
    isPlaying = isMediaPlaying()
    if (isPlaying || wasPlaying) return 'media' // also when it stops: it has played until now
    // What is done in a document of another origin is not seen, only that the focus went there.
    return inside !== before && inside?.localName === 'iframe' && document.hasFocus() ? 'frame' : undefined
  }
}
