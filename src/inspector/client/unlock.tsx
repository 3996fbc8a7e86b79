import { App } from './app.js'
import { useEffect, useState } from './hooks.js'
import { type Sources, SourcesContext } from './page.js'
import { submitted } from './parts.js'

/** The page, or a question for the control token. It stays in the page's memory, so a reload asks again. */
export function Unlock(sources: Sources) {
  const { api } = sources
  const [isLocked, setLocked] = useState(false)
  useEffect(() => {
    api.onLocked = () => setLocked(true)
  }, [])
  const unlock = (event: Event) => {
    api.unlock(String(submitted(event).get('token')))
    setLocked(false)
  }
  if (!isLocked)
    return (
      <SourcesContext.Provider value={sources}>
        <App />
      </SourcesContext.Provider>
    )
  return (
    <main class="unlock">
      <form onSubmit={unlock}>
        <h1>wallet-sandbox</h1>
        <p>This sandbox was started with a control token.</p>
        <label>
          Control token
          <input name="token" type="password" autocomplete="off" autofocus required aria-describedby="token-note" />
        </label>
        {api.isUnlocked && <p class="fault">The token is not the one of --control-token.</p>}
        <button type="submit" class="main">
          Open
        </button>
        <p class="quiet" id="token-note">
          It is kept in this page's memory alone. A reload asks again.
        </p>
      </form>
    </main>
  )
}
