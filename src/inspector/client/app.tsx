import type { FC } from 'hono/jsx'
import { useEffect, useState } from 'hono/jsx/dom'
import type { ClockReading, Entry, MerchantView } from './answers.js'
import type { Api, Refused } from './api.js'
import { Clock, useNow } from './clock.js'
import { Deliveries } from './deliveries.js'
import { type Journal, MAX_ROWS } from './journal.js'
import { Latency } from './latency.js'
import { type Change, type Changes, PageContext, VIEWS, type View } from './page.js'
import { Requests } from './requests.js'
import { Scenario } from './scenario.js'
import { dateTimeOf } from './text.js'
import { Unlock } from './unlock.js'
import { Verdict } from './verdict.js'
import { Wallets } from './wallets.js'

const TITLES: Readonly<Record<View, string>> = {
  ...{ requests: 'Requests', latency: 'Latency', wallets: 'Wallets', scenario: 'Scenario' },
  ...{ deliveries: 'Deliveries', clock: 'Clock', verdict: 'Verdict' },
}

const PANELS: Readonly<Record<View, FC>> = {
  ...{ requests: Requests, latency: Latency, wallets: Wallets, scenario: Scenario },
  ...{ deliveries: Deliveries, clock: Clock, verdict: Verdict },
}

const viewOf = (hash: string) => VIEWS.find((view) => hash === `#${view}`) ?? 'requests'

interface Props {
  readonly api: Api
  readonly journal: Journal
  readonly changes: Changes
}

export function App({ api, journal, changes }: Props) {
  const [view, setView] = useState<View>(viewOf(location.hash))
  const [merchant, setMerchant] = useState('')
  const [merchants, setMerchants] = useState<readonly MerchantView[]>([])
  const [clock, setClock] = useState<ClockReading | undefined>(undefined)
  const [live, setLive] = useState<boolean | undefined>(undefined)
  const [locked, setLocked] = useState<Refused | undefined>(undefined)
  const [session, setSession] = useState(0)

  const readMerchants = async () => {
    const answer = await api.get<{ merchants: MerchantView[] }>(api.path('', '/merchants'))
    setMerchants(answer.merchants)
  }

  useEffect(() => {
    const follow = () => setView(viewOf(location.hash))
    window.addEventListener('hashchange', follow)
    return () => window.removeEventListener('hashchange', follow)
  }, [])

  useEffect(() => {
    api.onLocked = setLocked
    const stop = followJournal(api, journal, changes, setLive)
    const stopEvents = api.subscribe({
      path: () => api.path('', '/events'),
      take: ({ name }) => changes.tell(name as Change),
      state: () => {},
    })
    // A key may have made a merchant.
    const known = new Set<string>()
    const stopMerchants = changes.on(['request', 'scenario', 'clock'], () => {
      const made = journal.rows.some(({ entry }) => entry.merchant !== null && !known.has(entry.merchant))
      if (!made) return
      for (const { entry } of journal.rows) if (entry.merchant !== null) known.add(entry.merchant)
      void readMerchants().catch(() => {})
    })
    void readMerchants().catch(() => {})
    return () => {
      stop()
      stopEvents()
      stopMerchants()
    }
  }, [session])

  useEffect(() => {
    const read = () => void api.get<ClockReading>(api.path(merchant, '/clock')).then(setClock, () => {})
    read()
    return changes.on(['clock'], read)
  }, [merchant, session])

  if (locked !== undefined)
    return (
      <Unlock
        wrong={api.isUnlocked}
        unlock={(token) => {
          api.unlock(token)
          setLocked(undefined)
          setSession(session + 1)
        }}
      />
    )
  const go = (to: View) => {
    location.hash = to
  }
  const choose = (id: string) => {
    setMerchant(id)
    journal.narrow({ ...journal.filter, merchant: id })
  }
  const Panel = PANELS[view]
  const page = { api, journal, changes, merchant, merchants, clock, go }
  return (
    <PageContext.Provider value={page}>
      <header class="bar">
        <h1>wallet-sandbox</h1>
        <nav aria-label="Views">
          {VIEWS.map((name) => (
            <a key={name} href={`#${name}`} aria-current={name === view ? 'page' : undefined}>
              {TITLES[name]}
            </a>
          ))}
        </nav>
        <div class="standing">
          <select
            aria-label="Merchant"
            value={merchant}
            onChange={(event: Event) => choose((event.target as HTMLSelectElement).value)}
          >
            <option value="">All merchants</option>
            {merchants.map(({ id }) => (
              <option key={id} value={id}>
                {id}
              </option>
            ))}
          </select>
          <Now />
          <Live live={live} />
        </div>
      </header>
      <main class={`view ${view}`}>
        <Panel />
      </main>
    </PageContext.Provider>
  )
}

function Now() {
  const now = useNow()
  return (
    <a class="now" href="#clock" title="The sandbox clock, UTC">
      {now === undefined ? '' : dateTimeOf(now)}
    </a>
  )
}

function Live({ live }: { live: boolean | undefined }) {
  const text = live === undefined ? 'Connecting' : live ? 'Live' : 'Reconnecting'
  return (
    <span class={`live ${live ? 'on' : 'off'}`} role="status">
      {text}
    </span>
  )
}

/** Reads the journal, then follows what is new. @returns ends it */
function followJournal(api: Api, journal: Journal, changes: Changes, setLive: (live: boolean) => void): () => void {
  let cursor = ''
  let queue: Entry[] = []
  let frame: number | undefined
  let stop = () => {}
  let isOver = false
  // One update a frame, however many calls come.
  const enter = () => {
    frame = undefined
    journal.add(queue)
    queue = []
    changes.tell('request')
  }
  const begin = async () => {
    const read = await api.get<{ requests: Entry[]; cursor: string }>(api.path('', `/requests?limit=${MAX_ROWS}`))
    if (isOver) return
    cursor = read.cursor
    journal.clear()
    journal.add(read.requests)
    changes.tell('request')
    stop = api.subscribe({
      path: () => api.path('', `/requests/stream?after=${encodeURIComponent(cursor)}`),
      take: ({ id, data }) => {
        cursor = id
        queue.push(JSON.parse(data) as Entry)
        frame ??= requestAnimationFrame(enter)
      },
      state: (live, refused) => {
        setLive(live)
        // Another server, to which the cursor means nothing.
        if (refused?.status === 400) restart()
      },
    })
  }
  const restart = () => {
    stop()
    begin().catch((error: Refused) => {
      setLive(false)
      if (!isOver && error.status !== 401) setTimeout(restart, 1000)
    })
  }
  restart()
  return () => {
    isOver = true
    if (frame !== undefined) cancelAnimationFrame(frame)
    stop()
  }
}
