import { element } from './element.js'

/** "Still there?", from `session:ending` until the session resumes or ends. */
export function watchEnding(tracker) {
  // The region is there before it has something to say, else screen readers miss the first words.
  const region = element('div', { class: 'toast-region', role: 'status' })
  document.body.append(region)
  let timer

  function close() {
    clearInterval(timer)
    region.replaceChildren()
  }

  tracker.on('session:ending', ({ endsAt, secondsLeft }) => {
    close()
    const seconds = element('span', { class: 'number' }, String(Math.ceil(secondsLeft)))
    // The count is for the eye; what is read aloud is said once.
    region.append(
      element(
        'div',
        { class: 'toast' },
        element('p', { class: 'unseen' }, `Still there? The session ends in ${Math.ceil(secondsLeft)} seconds.`),
        element(
          'p',
          { 'aria-hidden': 'true' },
          element('strong', {}, 'Still there?'),
          ' The session ends in ',
          seconds,
          '\u00a0s',
        ),
        element('p', { class: 'fine' }, 'Move the pointer, scroll or press a key to go on.'),
      ),
    )
    timer = setInterval(() => {
      seconds.textContent = String(Math.max(0, Math.ceil((endsAt - Date.now()) / 1000)))
    }, 250)
  })
  tracker.on('session:resumed', close)
  tracker.on('session:end', close)
}
