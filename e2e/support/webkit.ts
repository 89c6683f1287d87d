import { execFile } from 'node:child_process'
import { type AddressInfo, createServer } from 'node:net'
import { promisify } from 'node:util'
import { type Driver, type Engine, elsewhere, type Gesture, loaded, stepBack, type Tab } from './engine.ts'
import { webkitBrowser } from './ensure-browser.mjs'
import { createFront } from './front.ts'
import { poll } from './poll.ts'
import { makeTempDir, removeDir, run } from './process.ts'
import { cutPower, freeze, signal, tree } from './process-tree.ts'
import { createShownClock } from './shown-time.ts'
import { commandsIn, createAsk, type WindowCommands } from './webdriver.ts'

/**
 * Starts WebKitGTK's small browser by its WebDriver, on a screen of its own with a window manager: there a window that is
 * minimised is really hidden. WebDriver cannot put a tab in front, so each tab is a window, and all but one are minimised.
 */
async function launchWebkit(): Promise<Engine> {
  const driver = process.env.WEBKIT_DRIVER
  const binary = webkitBrowser()
  if (!driver || !binary) throw new Error('WEBKIT_DRIVER is not set; the global setup (ensure-browser.mjs) does it')

  // It chooses a free display itself and says which. Without `-noreset` it drops all clients when one of them is the last.
  const size = ['-screen', '0', '1280x900x24']
  const screen = run('Xvfb', ['-displayfd', '1', ...size, '-nolisten', 'tcp', '-noreset'])
  const [, display] = await screen.printed(/^(\d+)\n/m)
  const home = await makeTempDir('webkit')
  const env = {
    ...process.env,
    DISPLAY: `:${display}`,
    GDK_BACKEND: 'x11',
    LIBGL_ALWAYS_SOFTWARE: '1',
    NO_AT_BRIDGE: '1',
    // Only our own pages are opened. Its sandbox needs user namespaces, which containers often do not have.
    WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
    HOME: home,
    XDG_DATA_HOME: `${home}/data`,
    XDG_CACHE_HOME: `${home}/cache`,
    XDG_CONFIG_HOME: `${home}/config`,
  }
  const manager = run('openbox', [], env)
  const xdotool = async (...args: string[]) => (await promisify(execFile)('xdotool', args, { env })).stdout.trim()
  // Away from where windows are: one that appears under the pointer would tell its page of a move.
  await poll(() => xdotool('get_desktop').catch(() => ''), 'the window manager')
  await xdotool('mousemove', '1279', '899')

  const port = await freePort()
  const child = run(driver, [`--port=${port}`, '--host=127.0.0.1'], env)
  const ask = createAsk(`http://127.0.0.1:${port}`)
  await poll(() => ask('GET', '/status').catch(() => false), 'the driver of WebKitGTK', 20_000)
  const { sessionId } = await ask<{ sessionId: string }>('POST', '/session', {
    capabilities: {
      alwaysMatch: { pageLoadStrategy: 'none', 'webkitgtk:browserOptions': { binary, args: ['--automation'] } },
    },
  })
  const session = `/session/${sessionId}`
  const first = await ask<string>('GET', `${session}/window`)
  const open = await createOpen({ windowOf: commandsIn(ask, session), first, xdotool })

  let stopped: number[] = []
  const resume = async () => signal(stopped.splice(0), 'SIGCONT')
  const ended = async () => {
    for (const one of [child, manager, screen]) {
      one.signal('SIGKILL')
      await one.exited
    }
    await removeDir(home)
  }
  return {
    name: 'webkit',
    mayHideFirst: false,
    keepsLastPut: false, // never kept
    open,
    pids: () => tree(child.pid).slice(1),
    async suspend() {
      stopped = freeze(child.pid)
    },
    resume,
    async stop() {
      await resume()
      await ask('DELETE', session).catch(() => {}) // the browser may be gone already
      await ended()
    },
    async kill() {
      cutPower(child.pid)
      await ended()
    },
  }
}

export const webkitDriver: Driver = { launch: launchWebkit }

interface Windows {
  windowOf: (handle: string) => WindowCommands
  /** The handle of the window that was there from the start. Opening one needs one, so it stays, minimised. */
  first: string
  xdotool: (...args: string[]) => Promise<string>
}

/** How a tab is opened: in a window of its own, with all others minimised. */
async function createOpen({ windowOf, first, xdotool }: Windows): Promise<Engine['open']> {
  const front = createFront()
  const parked = windowOf(first)
  await parked.ask('POST', '/window/minimize', {})

  /** Those that are not minimised. */
  const onScreen = async () => {
    const ids = await xdotool('search', '--onlyvisible', '--class', 'MiniBrowser').catch(() => '') // it found none
    return ids.split('\n').filter(Boolean)
  }
  await poll(async () => (await onScreen()).length === 0, 'the first window to be minimised')

  /** The window that is on screen. */
  let shown: string | undefined
  const minimize = async () => {
    const id = shown
    shown = undefined
    if (id) await front.bring(() => xdotool('windowminimize', '--sync', id))
  }
  const activate = async (id: string) => {
    await xdotool('windowactivate', '--sync', id)
    shown = id
  }
  const openWindow = async () => {
    await minimize()
    const { handle } = await parked.ask<{ handle: string }>('POST', '/window/new', { type: 'window' })
    const id = await poll(async () => (await onScreen())[0], 'the new window')
    await activate(id)
    return { id, window: windowOf(handle) }
  }

  /** On a busy machine the window manager may take the focus back once, having just minimised another window. */
  const focus = async (tab: Tab, id: string) => {
    const hasFocus = () => tab.eval(() => document.hasFocus())
    await poll(async () => (await hasFocus()) || (await activate(id)), 'the page to have focus')
  }

  const asTab = (id: string, window: WindowCommands, clock = createShownClock()): Tab => {
    let isClosed = false
    let moves = 0
    const mouse = (...actions: object[]) =>
      window.act({ type: 'pointer', id: 'mouse', parameters: { pointerType: 'mouse' }, actions })
    const moveTo = (x: number, y: number) => ({ type: 'pointerMove', duration: 0, x, y })
    const scroll = { type: 'scroll', x: 100, y: 100, deltaX: 0, deltaY: 100, duration: 0, origin: 'viewport' }
    const gestures: { [gesture in Gesture]: () => Promise<void> } = {
      move: () => {
        const x = 100 + (moves++ % 50) * 4
        return mouse(moveTo(x - 2, 100), moveTo(x, 100))
      },
      click: () => mouse(moveTo(20, 20), { type: 'pointerDown', button: 0 }, { type: 'pointerUp', button: 0 }),
      key: () => {
        const actions = ['keyDown', 'keyUp'].map((type) => ({ type, value: 'a' }))
        return window.act({ type: 'key', id: 'keys', actions })
      },
      wheel: () => window.act({ type: 'wheel', id: 'wheel', actions: [scroll] }),
    }
    const tab: Tab = {
      eval: window.eval,
      async goto(url) {
        await elsewhere(tab, () => window.ask('POST', '/url', { url }))
        await loaded(tab)
      },
      back: () => stepBack(tab),
      async hide() {
        await minimize()
        await poll(() => tab.eval(() => document.hidden), 'the page to be hidden')
      },
      async show() {
        if (shown !== id) await minimize()
        await front.bring(() => activate(id), clock)
        await focus(tab, id)
      },
      input: (gesture = 'move') => gestures[gesture](),
      click: window.click,
      // There is no tab behind a tab: a window that is minimised before it has a page is the same to the page.
      async openBehind(selector) {
        const url = await tab.eval((css) => document.querySelector<HTMLAnchorElement>(css)!.href, selector)
        const opened = await openWindow()
        const behind = asTab(opened.id, opened.window)
        await minimize()
        await poll(() => behind.eval(() => document.hidden), 'the window to be minimised')
        await behind.goto(url)
        await tab.show()
        return behind
      },
      async close() {
        if (isClosed) return
        isClosed = true
        await front.close(() => window.ask('DELETE', '/window'), clock)
        if (shown === id) shown = undefined
      },
      shownTime: clock.read,
    }
    return tab
  }

  return async (url) => {
    const { id, window } = await openWindow()
    const clock = createShownClock()
    const tab = asTab(id, window, clock)
    await focus(tab, id)
    // From its commit on the page is what is on screen; until then it was a blank one.
    await front.bring(() => elsewhere(tab, () => window.ask('POST', '/url', { url })), clock)
    await loaded(tab)
    return tab
  }
}

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
