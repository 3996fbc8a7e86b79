import { useRef } from 'hono/jsx/dom'
import { useNow } from './clock.js'
import type { WalletView } from './control-answers.js'
import { useEffect, useState } from './hooks.js'
import { usePage, useSteered } from './page.js'
import { Button, Cell, Empty, FaultLine, submitted, Table, Time, textOf } from './parts.js'
import { count, span } from './text.js'

/** What wallets are sought by. */
const FIELDS = { customer: 'Customer: id, reference or pattern', wallet: 'Wallet: id or pattern' }

/** Wallets shown at once. */
const LIMIT = 200

type Linked = Extract<WalletView, { token: unknown }>
type Holding = Exclude<WalletView, Linked>

/** Whether a provider holds the money; else the wallet itself does. */
const isLinked = (wallet: WalletView): wallet is Linked => !('currency' in wallet)

/** Customers' wallets: what the client was shown beside what the provider holds. */
export function Wallets() {
  const { api, merchant } = usePage()
  const [sought, setSought] = useState<Readonly<Record<string, string>>>({})
  const patterns = Object.entries(sought).filter(([, pattern]) => pattern !== '')
  const query = new URLSearchParams([['limit', String(LIMIT)], ...patterns])
  const { answer, refused, send } = useSteered<{ wallets: WalletView[]; total: number }>(
    api.path(merchant, `/wallets?${query}`),
    ['request', 'clock', 'scenario'],
  )
  return (
    <section>
      <div class="filters">
        {Object.entries(api.isFile ? {} : FIELDS).map(([name, placeholder]) => (
          <input
            key={name}
            class="wide"
            aria-label={name}
            type="search"
            placeholder={placeholder}
            onChange={(event: Event) => setSought({ ...sought, [name]: textOf(event).trim() })}
          />
        ))}
        {answer && (
          <span class="tally">
            {answer.total > answer.wallets.length && `${answer.wallets.length} of `}
            {count(answer.total, 'wallet')}
          </span>
        )}
      </div>
      <FaultLine sentence={refused} />
      {answer?.wallets.length === 0 && (
        <Empty title={patterns.length === 0 ? 'No wallet here' : 'No wallet passes the filter'} />
      )}
      {answer && answer.wallets.length > 0 && (
        <Table
          class="cards"
          of={['Wallet', 'Client sees', 'Provider holds', 'Token', 'OTP', 'Actions']}
          numeric={['Client sees', 'Provider holds']}
        >
          {Array.from(Map.groupBy(answer.wallets, ownerOf), ([owner, wallets]) => (
            <>
              <tr class="group">
                <th colspan={6} scope="rowgroup">
                  {owner}
                </th>
              </tr>
              {wallets.map((wallet) =>
                isLinked(wallet) ? (
                  <LinkedWallet key={`${wallet.merchant} ${wallet.id}`} wallet={wallet} send={send} />
                ) : (
                  <CurrencyWallet key={`${wallet.merchant} ${wallet.id}`} wallet={wallet} />
                ),
              )}
            </>
          ))}
        </Table>
      )}
    </section>
  )
}

const ownerOf = ({ merchant, customer }: WalletView) => `${merchant} / ${customer}`

type Send = ReturnType<typeof useSteered>['send']

function LinkedWallet({ wallet, send }: { wallet: Linked; send: Send }) {
  const { api } = usePage()
  const [isSetting, setSetting] = useState(false)
  const { id, linked, balance, lastRefreshed, provider, token, otp } = wallet
  const at = (what: string) => api.path(wallet.merchant, `/wallets/${encodeURIComponent(id)}${what}`)
  const isStale = linked && provider?.balance !== undefined && provider.balance !== balance
  const button = useRef<HTMLButtonElement>(null)
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.focus(), [isSetting])
  const close = () => {
    setSetting(false)
    button.current!.focus()
  }
  const put = (event: Event) => {
    const balance = Number(submitted(event).get('balance'))
    close()
    void send('PUT', at('/provider'), { balance })
  }
  return (
    <tr>
      <td>
        <b>{wallet.wallet}</b> {!linked && <span class="chip">not linked</span>}
        <code class="sub">{id}</code>
      </td>
      <td data-label="Client sees" class="number">
        {balance?.toFixed(2) ?? '–'}
        {lastRefreshed && (
          <div class="sub">
            as of <Time at={lastRefreshed} />
          </div>
        )}
      </td>
      <td class={`number ${isStale ? 'differs' : ''}`} data-label="Provider holds">
        {isSetting ? (
          <form class="inline" onSubmit={put}>
            <input
              name="balance"
              type="number"
              step="0.01"
              min="0"
              required
              ref={field}
              aria-label={`Balance that the provider of ${id} holds`}
              value={String(provider?.balance ?? balance ?? 0)}
              onKeyDown={(event: KeyboardEvent) => event.key === 'Escape' && close()}
            />
            <button type="submit">Set</button>
          </form>
        ) : (
          <>
            {provider?.balance?.toFixed(2) ?? '–'}
            <span class="sub">
              {provider?.available === false ? 'does not answer' : isStale ? 'shown at the next refresh' : ''}
            </span>
          </>
        )}
      </td>
      <Cell of="Token" is={<Token wallet={wallet} />} />
      <Cell
        of="OTP"
        is={otp ? <code>{otp.code}</code> : '–'}
        sub={otp && `${count(otp.attemptsLeft, 'attempt')} left`}
      />
      <td class="acts">
        <button ref={button} type="button" disabled={api.isFile} onClick={() => setSetting(!isSetting)}>
          Set balance
        </button>
        <Button
          label="Expire token"
          disabled={!token?.live || api.isFile}
          press={() => send('POST', at('/expire-token'))}
        />
        <Button label="Delink" disabled={!linked || api.isFile} press={() => send('POST', at('/delink'))} />
      </td>
    </tr>
  )
}

/** Whether the token still serves, and why not. */
function Token({ wallet: { token, linked } }: { wallet: Linked }) {
  const now = useNow()
  if (token === null || token === undefined)
    return <span class="quiet">{linked ? 'none yet: a refresh gives one' : 'none: not linked'}</span>
  const end = token.expiresAt
  const left = end === null || now === undefined ? undefined : Date.parse(end) - Date.parse(now)
  const life = token.used
    ? 'Used: a token serves once'
    : token.live
      ? `Live, ${span(left ?? 0)} left`
      : left !== undefined && left <= 0
        ? `Expired ${span(left)} ago`
        : 'Not live'
  return (
    <>
      <span class={token.live ? 'good' : end === null && !token.used ? 'quiet' : 'bad'}>{life}</span>
      <code class="sub" title={token.value}>
        {token.value}
      </code>
      {end !== null && (
        <span class="sub">
          {token.live ? 'ends' : 'its life ended'} at <Time at={end} /> on the sandbox clock
        </span>
      )}
    </>
  )
}

function CurrencyWallet({ wallet }: { wallet: Holding }) {
  return (
    <tr>
      <td>
        <b>{wallet.currency}</b> {wallet.status !== 'active' && <span class="chip">{wallet.status}</span>}
        <code class="sub">{wallet.id}</code>
      </td>
      <Cell of="Client sees" class="number" is={(wallet.balance / 100).toFixed(2)} sub="holds the money itself" />
      <td colspan={4} />
    </tr>
  )
}
