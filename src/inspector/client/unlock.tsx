import { submitted } from './forms.js'

/** Asks for the control token. It stays in the page's memory, so a reload asks again. */
export function Unlock({ wrong, unlock }: { wrong: boolean; unlock(token: string): void }) {
  return (
    <main class="unlock">
      <form onSubmit={(event: Event) => unlock(String(submitted(event).get('token')))}>
        <h1>wallet-sandbox</h1>
        <p>This sandbox was started with a control token.</p>
        <label>
          Control token
          <input name="token" type="password" autocomplete="off" autofocus required aria-describedby="token-note" />
        </label>
        {wrong && <p class="fault">The token is not the one of --control-token.</p>}
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
