import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import type { Tab } from '../../../e2e/support/engine.ts'
import { poll } from '../../../e2e/support/poll.ts'
import { cutPower } from '../../../e2e/support/process-tree.ts'
import type { Browser } from '../browser.ts'
import { gone } from './gone.ts'

/**
 * Chromium that no debugger looks into while it matters: one that is attached forbids prerendering and discarding. It is
 * told by a pipe what to do with its tabs, and is attached to one only for the moment in which that is asked something.
 */
export async function startUnattended(profile: string): Promise<Browser> {
  // Without it chrome://discards shows nothing.
  await writeFile(join(profile, 'Local State'), JSON.stringify({ internal_only_uis_enabled: true }))
  const child = spawn(
    process.env.CHROMIUM_BIN!,
    [
      '--headless=new',
      '--remote-debugging-pipe',
      `--user-data-dir=${profile}`,
      '--no-sandbox',
      '--disable-dev-shm-usage',
      '--no-first-run',
      '--no-default-browser-check',
      '--password-store=basic',
      '--use-mock-keychain',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-extensions',
      '--disable-sync',
      'about:blank',
    ],
    { detached: true, stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] },
  )
  const exited = new Promise((resolve) => child.once('exit', resolve))
  const root = child.pid!
  const endWithUs = () => cutPower(root)
  process.on('exit', endWithUs)
  exited.then(() => process.off('exit', endWithUs))
  const send = createSend(child.stdio[3] as Writable, child.stdio[4] as Readable)

  const targets = async () => {
    const { targetInfos } = await send<{ targetInfos: Target[] }>('Target.getTargets')
    return targetInfos.filter(({ type }) => type === 'page')
  }
  const [other] = await poll(async () => {
    const pages = await targets()
    return pages.length > 0 && pages
  }, 'the first tab')
  const activate = (targetId: string) => send('Target.activateTarget', { targetId })
  const create = async (url: string) => (await send<{ targetId: string }>('Target.createTarget', { url })).targetId

  /** By its function's source, as other drivers do it. */
  async function evaluate<T>(targetId: string, run: (argument: never) => unknown, argument?: unknown): Promise<T> {
    const { sessionId } = await send<{ sessionId: string }>('Target.attachToTarget', { targetId, flatten: true })
    try {
      const expression = `(${run})(${JSON.stringify(argument)})`
      const { result, exceptionDetails } = await send<Evaluated<T>>(
        'Runtime.evaluate',
        { expression, awaitPromise: true, returnByValue: true },
        sessionId,
      )
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
      return result.value
    } finally {
      await send('Target.detachFromTarget', { sessionId })
    }
  }

  const asTab = (targetId: string): UnattendedTab => ({
    targetId,
    eval: <T, A>(run: (argument: A) => T | Promise<T>, argument?: A) => evaluate<T>(targetId, run, argument),
    hide: async () => void (await activate(other!.targetId)),
    show: async () => void (await activate(targetId)),
    async close() {
      await send('Target.closeTarget', { targetId })
      await poll(async () => !(await targets()).some((one) => one.targetId === targetId), 'the tab to be closed')
    },
    goto: never,
    back: never,
    input: never,
    click: never,
    openBehind: never,
    shownTime: () => ({ leastMs: 0, mostMs: Number.POSITIVE_INFINITY }),
  })

  return {
    async open(url) {
      const tab = asTab(await create(url))
      await poll(() => tab.eval(() => location.href !== 'about:blank' && document.readyState === 'complete'), url)
      return tab
    },
    async openPrerendered(host, url) {
      await create(host)
      // Nobody looks in before it is there: see above. Its tab may have another name by then.
      const isThere = async () => (await targets()).find((one) => one.url === url)
      const { targetId } = await poll(isThere, 'the prerendered page')
      return asTab(targetId)
    },
    async discard(tab) {
      const { targetId } = tab as UnattendedTab
      const { url } = (await targets()).find((one) => one.targetId === targetId)!
      const discards = await create('chrome://discards/')
      await poll(() => evaluate<boolean>(discards, clickDiscard, url), 'the row of the tab', 10_000)
      // What is left of it in the row of tabs has another name.
      const isLeft = async () => (await targets()).some((one) => one.url === url && one.targetId !== targetId)
      await poll(isLeft, 'the tab to be discarded')
      // To be closed it would be loaded once more.
      tab.close = async () => {}
      await activate(other!.targetId) // else what was discarded may be the next to be shown, and is loaded anew
      await send('Target.closeTarget', { targetId: discards })
    },
    async crash(tab) {
      const { targetId } = tab as UnattendedTab
      const { sessionId } = await send<{ sessionId: string }>('Target.attachToTarget', { targetId, flatten: true })
      send('Page.crash', {}, sessionId).catch(() => {})
    },
    kill: () => cutPower(root),
    async quit() {
      send('Browser.close').catch(() => {})
      await gone(root)
    },
    async ended() {
      cutPower(root)
      await exited
    },
    async stop() {
      send('Browser.close').catch(() => {})
      const patience = setTimeout(cutPower, 5_000, root)
      await exited
      clearTimeout(patience)
    },
  }
}

interface Target {
  targetId: string
  type: string
  url: string
}

interface UnattendedTab extends Tab {
  targetId: string
}

interface Evaluated<T> {
  result: { value: T }
  exceptionDetails?: { text: string; exception?: { description: string } }
}

const never = () => Promise.reject(new Error('not in a browser that nobody looks into'))

/** In chrome://discards: whether there was something to click for this address. */
function clickDiscard(url: string): boolean {
  const all = (root: ParentNode): Element[] =>
    [...root.querySelectorAll('*')].flatMap((one) => [one, ...(one.shadowRoot ? all(one.shadowRoot) : [])])
  const row = all(document).find(({ tagName, textContent }) => tagName === 'TR' && textContent!.includes(url))
  const links = [...(row?.querySelectorAll('[is=action-link]') ?? [])] as HTMLElement[]
  const link = links.find(({ textContent }) => textContent!.trim() === '[Urgent Discard]')
  link?.click()
  return !!link
}

type Send = <T = unknown>(method: string, params?: object, sessionId?: string) => Promise<T>

/** Chromium's protocol over two pipes: JSON, each message ended by a zero byte. */
function createSend(to: Writable, from: Readable): Send {
  const waiting = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>()
  let last = 0
  let rest = ''
  from.setEncoding('utf8').on('data', (text: string) => {
    const messages = (rest + text).split('\0')
    rest = messages.pop()!
    for (const message of messages) {
      const { id, result, error } = JSON.parse(message)
      const one = waiting.get(id)
      waiting.delete(id)
      if (error) one?.reject(new Error(error.message))
      else one?.resolve(result as never)
    }
  })
  from.on('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('the browser has gone'))
  })
  to.on('error', () => {}) // told by the other pipe
  return (method, params = {}, sessionId) =>
    new Promise((resolve, reject) => {
      const id = ++last
      waiting.set(id, { resolve, reject })
      to.write(`${JSON.stringify({ id, method, params, sessionId })}\0`)
    })
}
