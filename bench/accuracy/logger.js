// The page's own diary, inlined in front of everything else: what the platform told, when, and what could be seen at that
// moment. It shares nothing with the SDK, judges nothing and counts nothing; truth.ts does that afterwards.
{
  const { log: url } = document.currentScript.dataset
  const tenths = (ms) => Math.round(ms * 10) / 10
  const { domLoading, navigationStart } = performance.timing
  const media = new Map()
  const diary = {
    origin: location.origin,
    doc: Math.random().toString(36).slice(2),
    // Taken before a page replaces its Date.
    epoch: Date.now() - performance.now(),
    commit: domLoading - navigationStart,
    prerendered: !!document.prerendering,
    activated: null,
    // Not in every engine: what was before this script ran.
    past: performance.getEntriesByType('visibility-state').map(({ name, startTime }) => [name, tenths(startTime)]),
    events: [],
  }

  const write = (type, more) => {
    diary.events.push({
      type,
      at: tenths(performance.now()),
      shown: document.visibilityState === 'visible' && !document.prerendering,
      focused: document.hasFocus(),
      inFrame: document.activeElement?.tagName === 'IFRAME',
      url: location.pathname + location.search + location.hash,
      ...more,
    })
  }
  const on = (target, types, run) => {
    for (const type of types.split(' ')) target.addEventListener(type, run, { capture: true, passive: true })
  }

  // Everything at the window, in the capture phase: whoever listens later, or deeper, is heard later.
  on(window, 'visibilitychange freeze resume prerenderingchange', ({ type }) => {
    if (type === 'prerenderingchange')
      diary.activated = tenths(performance.getEntriesByType('navigation')[0].activationStart)
    write(type)
  })
  on(window, 'pagehide pageshow', ({ type, persisted }) => write(type, { persisted }))
  // Sending takes its time, too: after all others have heard.
  for (const type of ['visibilitychange', 'pagehide'])
    window.addEventListener(type, () => {
      if (type === 'pagehide' || document.visibilityState === 'hidden') navigator.sendBeacon(url, JSON.stringify(diary))
    })
  on(window, 'focus blur', ({ target, type }) => {
    if (target !== window) return // focus moving inside the page
    write(type)
    // Where the focus went is known only after it has gone.
    setTimeout(write, 0, 'look')
  })
  // Not all of it is told: after a dialog Chromium's page has the focus, then for up to 20 ms not, then again, with one event.
  setInterval(() => {
    if (document.hasFocus() !== diary.events.at(-1).focused) write('look')
  }, 10)
  // Of a route the Navigation API tells first, where there is one; popstate comes later, on a busy machine some 20 ms.
  if (window.navigation) on(window.navigation, 'currententrychange', ({ type }) => write(type))
  on(window, 'popstate hashchange', ({ type }) => write(type))

  // `happened`: a handler may run seconds after the hand moved.
  const input = ({ type, isTrusted, timeStamp, screenX, screenY }) => {
    if (isTrusted) write(type, { happened: tenths(timeStamp), place: `${screenX},${screenY}` })
  }
  on(window, 'pointerdown pointermove keydown touchstart touchmove wheel scroll', input)

  on(window, 'playing pause ended waiting emptied volumechange timeupdate', ({ type, target }) => {
    const { paused, ended, muted, volume, loop } = target
    if (!media.has(target)) media.set(target, { id: media.size })
    const known = media.get(target)
    const runs = !paused && !ended && type !== 'waiting' && type !== 'emptied'
    const heed = `${runs} ${muted || !volume} ${loop}`
    if (known.heed === heed) return // most of all, the four timeupdates of every second
    known.heed = heed
    write('media', { media: known.id, runs, muted: muted || !volume, loop })
  })
  // The one event that does not pass by the window.
  on(document, 'load', ({ target }) => {
    if (target.src?.includes('/dwelltime.js')) write('sdk')
  })

  write('begin')
  // For the driver: what it does in the page it notes in the same breath, and at the end it reads.
  window.diary = { read: () => diary, note: write }
}
