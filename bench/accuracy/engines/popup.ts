import type { Tab } from '../../../e2e/support/engine.ts'

/** Another window in front, opened by the page itself at a click, since browsers refuse it otherwise. */
export async function coverWithPopup(tab: Tab, url: string): Promise<() => Promise<unknown>> {
  await tab.eval((href) => {
    const open = () => Object.assign(window, { cover: window.open(href, '', 'width=400,height=300') })
    addEventListener('click', open, { once: true })
  }, url)
  await tab.input('click')
  return () => tab.eval(() => (window as unknown as { cover: Window }).cover.close())
}
