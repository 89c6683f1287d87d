import type { Tab } from '../../../e2e/support/engine.ts'

/** Another window in front, opened by the page itself at a click, since browsers refuse it otherwise. */
export async function coverWithPopup(tab: Tab): Promise<() => Promise<unknown>> {
  await tab.eval(() => {
    const open = () => Object.assign(window, { cover: window.open('about:blank', '', 'width=400,height=300') })
    addEventListener('click', open, { once: true })
  })
  await tab.input('click')
  return () => tab.eval(() => (window as unknown as { cover: Window }).cover.close())
}
