import { DwellProvider, SessionDuration, useDwell } from 'dwelltime/react'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

/** As the script tags of the other pages: short, so that a session can be watched to its end. */
const OPTIONS = {
  site: 'demo',
  collector: '/v1/records',
  sessionExpirationThreshold: 0.5,
  bufferTimeBeforeEnd: 10,
  idleTimeout: 15,
}

const seconds = (ms: number) => `${Math.floor(ms / 1000)} s`

function Clocks() {
  const { totalMs, visibleMs, engagedMs, stands, sessionId, dwell } = useDwell()
  return (
    <>
      <dl className="live-clocks">
        <div>
          <dt>total</dt>
          <dd>{seconds(totalMs)}</dd>
        </div>
        <div>
          <dt>visible</dt>
          <dd>{seconds(visibleMs)}</dd>
        </div>
        <div>
          <dt>engaged</dt>
          <dd>{seconds(engagedMs)}</dd>
        </div>
      </dl>
      <p className="fine">
        {stands ? `Engaged stands: ${stands}.` : 'Engaged runs.'} Session {sessionId?.slice(0, 8) ?? 'none'}.
      </p>
      <p className="buttons">
        <button type="button" disabled={!dwell} onClick={() => dwell?.ping()}>
          I am still here
        </button>
      </p>
    </>
  )
}

const root = document.getElementById('app')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <DwellProvider options={OPTIONS}>
        <section aria-labelledby="clocks">
          <h2 id="clocks">This page, live</h2>
          <p>
            <code>useDwell()</code> gives a component the clocks of the current view, and the tracker.
          </p>
          <Clocks />
        </section>
        <SessionDuration endpoint="/api/session-duration" filter={{ site: 'demo' }} distribution />
        <p className="fine">
          <code>{'<SessionDuration />'}</code> asks the collector for each user’s average, and what 25 to 90 % of their
          sessions lasted at most. It comes without a style; each part has a class.
        </p>
      </DwellProvider>
    </StrictMode>,
  )
}
