/** One command of the WebDriver protocol, and the value that it answers. */
export type Ask = <T = unknown>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) => Promise<T>

/** WebDriver's own name for a reference to an element. */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf'

/** What has not answered by then does not answer any more. */
const ANSWER_LIMIT_MS = 30_000

/** Speaks with a driver over plain HTTP, which is all that WebDriver is. */
export function createAsk(driverUrl: string): Ask {
  return async <T>(method: string, path: string, body?: object) => {
    const response = await fetch(driverUrl + path, {
      method,
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    })
    const { value } = await response.json()
    if (value?.error) throw new Error(`${method} ${path}: ${value.error}: ${value.message}`)
    return value as T
  }
}

/** Commands of one window of a session. */
export interface WindowCommands {
  ask: Ask
  eval<T, A>(run: (argument: A) => T | Promise<T>, argument?: A): Promise<T>
  /** What one input device does. */
  act(source: object): Promise<void>
  /** On the first element that matches, scrolled into view. */
  click(selector: string): Promise<void>
}

/**
 * A command is about the session's current window: they are sent one at a time, so that none gets between the choice of
 * a window and the act.
 */
export function commandsIn(ask: Ask, session: string): (handle: string) => WindowCommands {
  let last: Promise<unknown> = Promise.resolve()
  return (handle) => {
    const askWindow: Ask = <T>(...[method, path, body]: Parameters<Ask>) => {
      const next = last.then(async () => {
        await ask('POST', `${session}/window`, { handle })
        return ask<T>(method, session + path, body)
      })
      last = next.catch(() => {})
      return next
    }
    return {
      ask: askWindow,
      async eval(run, argument) {
        // As JSON, since WebDriver's own clone makes null of what is undefined and refuses what has a method.
        const script = `const answer = arguments[arguments.length - 1]
          new Promise((resolve) => resolve((${run})(...${JSON.stringify(argument === undefined ? [] : [argument])}))).then(
            (value) => answer({ json: JSON.stringify(value) }),
            (error) => answer({ error: error + '\\n' + error?.stack }),
          )`
        const { json, error } = await askWindow<{ json?: string; error?: string }>('POST', '/execute/async', {
          script,
          args: [],
        })
        if (error) throw new Error(error)
        return json ? JSON.parse(json) : undefined
      },
      act: (source) => askWindow('POST', '/actions', { actions: [source] }),
      async click(selector) {
        const { [ELEMENT]: id } = await askWindow<{ [ELEMENT]: string }>('POST', '/element', {
          using: 'css selector',
          value: selector,
        })
        await askWindow('POST', `/element/${id}/click`, {})
      },
    }
  }
}
