import { onTracker } from './tracker.js'

/** Times what is played: a timer of its own, beside that of the picture being in view. */
onTracker((tracker) => {
  const clip = document.getElementById('clip')
  let playing

  function follow() {
    if (!clip.paused) playing = tracker.timer('video playing')
    else playing?.stop()
  }
  for (const type of ['play', 'pause', 'ended']) clip.addEventListener(type, follow)
  follow()
})
