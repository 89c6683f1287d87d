import { createContext } from 'preact'
import { useContext, useMemo, useState } from 'preact/hooks'
import { ApiError, createClient } from '../../src/client.ts'

/** With what the collector is read, and what it said of it. */
export interface Reading {
  token: string | undefined
  /** Asks everything anew. */
  setToken(token: string | undefined): void
  /** Why the collector does not let us read. */
  refusal: ApiError | undefined
  refuse(error: ApiError): void
  /** Rises when everything is to be asked anew. */
  round: number
  refresh(): void
}

/** Gone with the tab. */
const TOKEN = 'dwelltime.token'

const ReadingContext = createContext<Reading | undefined>(undefined)
export const ReadingProvider = ReadingContext.Provider
export const useReading = (): Reading => useContext(ReadingContext)!

export function useNewReading(): Reading {
  const [token, keepToken] = useState(() => sessionStorage.getItem(TOKEN) ?? undefined)
  const [refusal, setRefusal] = useState<ApiError | undefined>()
  const [round, setRound] = useState(0)
  return useMemo(() => {
    const refresh = () => setRound((before) => before + 1)
    return {
      token,
      setToken(next) {
        if (next === undefined) sessionStorage.removeItem(TOKEN)
        else sessionStorage.setItem(TOKEN, next)
        keepToken(next)
        setRefusal(undefined)
        refresh()
      },
      refusal,
      refuse: setRefusal,
      round,
      refresh,
    }
  }, [token, refusal, round])
}

/** A client whose questions end with the signal. */
export const clientUntil = (signal: AbortSignal, token: string | undefined) =>
  createClient({
    origin: location.origin,
    ...(token !== undefined && { token }),
    fetch: (url, init) => fetch(url, { ...init, signal, cache: 'no-store' }),
  })

export type Client = ReturnType<typeof createClient>

/** Whether another token could help, as against a question that this one may not ask. */
export const isAboutToken = (error: unknown, token: string | undefined): error is ApiError =>
  error instanceof ApiError && (error.status === 401 || (error.status === 403 && token === undefined))
