import { useState } from 'preact/hooks'
import type { ApiError } from '../../src/client.ts'
import { useReading } from '../ask/reading.ts'

/** Shown instead of everything when the collector does not know who reads. */
export function TokenForm({ refusal }: { refusal: ApiError }) {
  const { token, setToken } = useReading()
  const [typed, setTyped] = useState('')
  return (
    <section class="panel token" aria-labelledby="token-heading">
      <h1 id="token-heading" tabIndex={-1}>
        Who reads?
      </h1>
      <p>
        {token === undefined
          ? 'The collector answers without a token only on its own machine.'
          : 'The collector does not know this token.'}{' '}
        It says: <q>{refusal.message}</q>
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (typed.trim()) setToken(typed.trim())
        }}
      >
        <label for="token">Read token</label>
        <input
          id="token"
          type="password"
          autocomplete="off"
          required
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <button type="submit" class="main">
          Open
        </button>
      </form>
      <p class="fine">
        Tokens are those of the setting <code>READ_TOKENS</code>. This one is kept until the tab is closed, and sent to
        nobody else. Or open the dashboard through a tunnel: <code>ssh -L 8787:localhost:8787 your-server</code>.
      </p>
    </section>
  )
}
