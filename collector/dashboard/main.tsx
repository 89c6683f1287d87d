import { render } from 'preact'
import { App } from './app.tsx'

const place = document.querySelector('#app')!

// A task of its own: reading this script and drawing at once would be a long one.
setTimeout(() => {
  place.replaceChildren()
  render(<App />, place)
})
