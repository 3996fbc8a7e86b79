import { credentialFor } from '../../lib/credential.js'
import { capitalized } from '../../lib/text.js'
import type { WalletView } from './control-answers.js'
import { useAct, useAnswer, usePage } from './page.js'
import { Button, Copy, FaultLine, Table } from './parts.js'

/** Merchants whose keys are shown, at most. */
const MAX_SHOWN = 6

/** What an empty journal shows: keys, and calls to begin with. */
export function Start() {
  const { api, merchant, merchants, schemes } = usePage()
  const { act, fault, busy } = useAct()
  const chosen = merchants.filter(({ id }) => merchant === '' || id === merchant)
  const [first] = chosen
  const key = first?.keys.juspay[0]
  const { answer } = useAnswer<{ wallets: WalletView[] }>(api.path(first?.id ?? '', '/wallets?limit=50'))
  const wallet = answer?.wallets.find((one) => 'linked' in one && one.linked)
  if (first === undefined || key === undefined || wallet === undefined)
    return (
      <section class="column start">
        <h2>No call yet</h2>
        <p>Send one to {api.sandboxUrl}, and it is here at once.</p>
      </section>
    )
  const path = `/wallets/${wallet.id}`
  const routing = `-H 'x-routing-id: ${wallet.customer}'`
  const lines = [
    ['Ask for a wallet', `curl ${api.sandboxUrl}${path} -u ${key}: ${routing}`],
    ['Get the id wrong, and see why it fails', `curl -i ${api.sandboxUrl}${path}x -u ${key}: ${routing}`],
    ['Send no key, and get a 401', `curl -i ${api.sandboxUrl}${path}`],
  ] as const
  const call = () =>
    act(async () => {
      const headers = { authorization: credentialFor('Basic', key), 'x-routing-id': wallet.customer }
      await fetch(`${api.sandboxUrl}${path}`, { headers, credentials: 'omit', cache: 'no-store' })
    })
  const sent = Object.entries(schemes).map(
    ([vendor, scheme]) => `${capitalized(vendor)}: ${scheme === 'Basic' ? 'user name of Basic' : scheme}`,
  )
  return (
    <section class="column start">
      <h2>Start here</h2>
      <p>
        Set your client’s base URL to <code>{api.sandboxUrl}</code>. Each call is here at once, with the reason for its
        answer.
      </p>
      <p>
        <Button label="Make a first call" class="main" disabled={busy} press={call} />
      </p>
      <FaultLine sentence={fault?.message} />
      <h3>From a shell</h3>
      <ul class="lines">
        {lines.map(([title, line]) => (
          <li key={title}>
            {title}
            <div class="actions">
              <pre>{line}</pre>
              <Copy label="Copy" text={() => line} />
            </div>
          </li>
        ))}
      </ul>
      <h3>Keys</h3>
      <Table of={['Merchant', ...sent]}>
        {chosen.slice(0, MAX_SHOWN).map(({ id, keys }) => (
          <tr key={id}>
            <td>{id}</td>
            {Object.entries(keys).map(([vendor, all]) => (
              <td key={vendor}>
                {all.map((key) => (
                  <div key={key}>
                    <code>{key}</code>
                  </div>
                ))}
              </td>
            ))}
          </tr>
        ))}
        <tr>
          <td>a new one</td>
          <td colspan={Object.keys(schemes).length}>
            <code>sandbox_</code> and any text: a merchant of its own, with a copy of everything
          </td>
        </tr>
      </Table>
    </section>
  )
}
