import { type Dwell, type Options, start } from 'dwelltime'
import { createContext, type ReactNode, useContext, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { createClocks, type DwellClocks, NO_CLOCKS } from './clocks.ts'

const ClocksContext = createContext(NO_CLOCKS)

export interface DwellProviderProps {
  /** What `start()` is called with, once; later changes are not looked at. */
  options?: Options
  /** A tracker that runs already, as the script tag's `window.dwelltime`. It is not stopped with the provider. */
  dwell?: Dwell
  children?: ReactNode
}

/** Measures the page while it is mounted, and gives `useDwell()` below it what to read. Nothing runs on a server. */
export function DwellProvider({ options, dwell, children }: DwellProviderProps) {
  const [clocks, setClocks] = useState(NO_CLOCKS)
  const stopping = useRef<ReturnType<typeof setTimeout>>(undefined)
  const given = useRef(options)

  useEffect(() => {
    // StrictMode unmounts and mounts again at once: that is no end of a view.
    clearTimeout(stopping.current)
    const running = dwell ?? start(given.current)
    setClocks(createClocks(running))
    return () => {
      if (!dwell) stopping.current = setTimeout(running.stop)
    }
  }, [dwell])

  return <ClocksContext.Provider value={clocks}>{children}</ClocksContext.Provider>
}

/** The live clocks and the state of the current view; renders anew once a second, and whenever the state changes. */
export function useDwell(): DwellClocks {
  const { subscribe, read } = useContext(ClocksContext)
  return useSyncExternalStore(subscribe, read, NO_CLOCKS.read)
}
