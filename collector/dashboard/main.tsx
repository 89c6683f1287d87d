import { render } from 'preact'
import { App } from './app.tsx'

const place = document.querySelector('#app')!
place.replaceChildren()
render(<App />, place)
