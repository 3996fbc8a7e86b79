import type { FC } from 'hono/jsx'
import { EXPLORED_PREFIX } from '../../lib/key-prefixes.js'
import { capitalized } from '../../lib/text.js'
import { type Address, addressIn, hashOf } from './address.js'
import type { Api, Refused } from './api.js'
import { Clock } from './clock.js'
import type { ClockReading, Entry, MerchantView } from './control-answers.js'
import { Deliveries } from './deliveries.js'
import { Held } from './held.js'
import { useEffect, useState } from './hooks.js'
import { type Journal, MAX_ROWS, NO_FILTER } from './journal.js'
import { KeysHelp } from './keys.js'
import { Latency } from './latency.js'
import { Order } from './order.js'
import { paced } from './pace.js'
import { type Change, PageContext, type Sources, useAnswer, usePage, useSources, useSteered } from './page.js'
import { Options, textOf } from './parts.js'
import { Requests } from './requests-view.js'
import { Scenario } from './scenario.js'
import type { ServerEvent } from './sse.js'
import { count, dateTimeOf } from './text.js'
import { Broken, Verdict } from './verdict.js'
import { Wallets } from './wallets.js'

const VIEWS: Readonly<Record<string, FC>> = {
  requests: Requests,
  latency: Latency,
  wallets: Wallets,
  scenario: Scenario,
  deliveries: Deliveries,
  order: Order,
  verdict: Verdict,
}

export function App() {
  const { api, journal, changes, schemes } = useSources()
  const [address, setAddress] = useState<Address>(() => addressIn(location.hash))
  const [filter, setFilter] = useState(() => addressIn(location.hash).filter)
  const { call, order, isLocal } = address
  const { merchant } = filter
  const view = Object.hasOwn(VIEWS, address.view) ? address.view : 'requests'
  const { answer } = useAnswer<{ merchants: MerchantView[] }>(api.path('', '/merchants'), ['merchant', 'scenario'])
  const clock = useSteered<ClockReading>(api.path(merchant, '/clock'), ['clock'])
  const [following, setFollowing] = useState<Following>('Connecting')
  const merchants = answer?.merchants ?? []
  const recorded = merchants.find(({ recording }) => recording !== undefined)
  const go = (to: Partial<Address>) => setAddress((now) => ({ ...now, ...to }))

  useEffect(() => {
    const follow = () => {
      const { filter: named, ...next } = addressIn(location.hash)
      // A short form names no filter, and a call that it opens must not be hidden by one.
      const stays = next.call === undefined ? journal.filter : { ...NO_FILTER, merchant: journal.filter.merchant }
      const isWhole = location.hash.includes('?')
      journal.narrow(isWhole ? named : stays)
      setAddress((now) => ({ ...next, isLocal: isWhole ? next.isLocal : now.isLocal }))
    }
    journal.narrow(filter)
    window.addEventListener('hashchange', follow)
    return () => window.removeEventListener('hashchange', follow)
  }, [])

  useEffect(() => journal.changes.on(() => setFilter(journal.filter)), [])
  useEffect(() => {
    const hash = hashOf(address, filter)
    const isFirst = location.hash === '' && hash === '#requests'
    if (location.hash !== hash && !isFirst) history.replaceState(null, '', hash)
  }, [address, filter])

  useEffect(() => {
    const id = recorded?.recording?.failed
    // A link shows what it names.
    if (id != null && location.hash === '') go({ call: { merchant: recorded!.id, id } })
  }, [recorded?.id])

  useEffect(() => followJournal(api, journal, changes, setFollowing), [])
  useEffect(() => {
    const take = ({ name }: ServerEvent) => changes.tell(name as Change)
    return api.subscribe({ path: () => api.path('', '/events'), take })
  }, [])

  const ids = merchants.map(({ id }) => id)
  const View = VIEWS[view]!
  const page = { api, journal, changes, merchant, merchants, schemes, clock, call, order, isLocal, go }
  return (
    <PageContext.Provider value={page}>
      <header class="bar">
        <h1>wallet-sandbox</h1>
        <nav aria-label="Views">
          {Object.keys(VIEWS).map((name) => (
            <a
              key={name}
              href={hashOf({ view: name, call: undefined, order: undefined, isLocal }, filter)}
              aria-current={name === view ? 'page' : undefined}
            >
              {capitalized(name)}
              {name === 'verdict' && <Broken />}
            </a>
          ))}
        </nav>
        <div class="standing">
          <select
            aria-label="Merchant"
            value={merchant}
            onChange={(event: Event) => journal.narrow({ merchant: textOf(event) })}
          >
            <option value="">All merchants</option>
            <Options of={ids.filter((id) => !isExplored(id))} />
            {ids.some(isExplored) && (
              <optgroup label="Exploration">
                <Options of={ids.filter(isExplored)} />
              </optgroup>
            )}
          </select>
          <Clock />
          {!api.isFile && (
            <span
              class={`status ${following === 'Live' ? 'served' : 'warn'}`}
              role="status"
              title={following === 'Catching up' ? CATCHING_UP : ''}
            >
              {following}
            </span>
          )}
        </div>
      </header>
      <Held />
      <KeysHelp />
      {recorded?.recording && <Recorded recording={recorded.recording} />}
      <main class={view}>
        <View />
      </main>
    </PageContext.Provider>
  )
}

const isExplored = (id: string) => id.startsWith(EXPLORED_PREFIX)

function Recorded({ recording }: { recording: NonNullable<MerchantView['recording']> }) {
  const { version, made, beginning, skipped, notes, difference } = recording
  const { isLocal } = usePage()
  return (
    <p class="recorded" role="status">
      <b>This is a recording</b> of version {version}
      {made !== null && `, made ${dateTimeOf(made, isLocal)}`}.
      {skipped > 0 &&
        ` It begins at ${dateTimeOf(beginning, isLocal)}, after ${count(skipped, 'step')} (requests and control actions).`}{' '}
      {document.querySelector<HTMLMetaElement>('meta[name=description]')?.content}{' '}
      {difference !== null && `It replays otherwise than recorded: ${difference.join(' ')}`} {notes.join(' ')}
    </p>
  )
}

type Following = 'Connecting' | 'Live' | 'Reconnecting' | 'Catching up'

const CATCHING_UP = 'Calls come faster than they can be shown without holding them up.'

/** How long a call waits at most for its row, in ms. */
const MAX_LIST_MS = 1000

/** Reads the journal, then follows what is new. @returns ends it */
function followJournal(
  api: Api,
  journal: Journal,
  changes: Sources['changes'],
  tell: (following: Following) => void,
): () => void {
  let cursor = ''
  let queue: Entry[] = []
  let isBehind = false
  let stop = () => {}
  let isOver = false
  const add = (entries: readonly Entry[]) => {
    const { size } = journal.merchants
    journal.add(entries)
    changes.tell('request')
    // A key may have made a merchant.
    if (journal.merchants.size > size) changes.tell('merchant')
  }
  const list = paced(() => {
    add(queue)
    queue = []
  }, MAX_LIST_MS)
  const begin = async () => {
    stop()
    const read = await api.get<{ requests: Entry[]; cursor: string }>(api.path('', `/requests?limit=${MAX_ROWS}`))
    if (isOver) return
    cursor = read.cursor
    journal.remove('')
    journal.isRead = true
    add(read.requests)
    stop = api.subscribe({
      path: () => api.path('', `/requests/stream?after=${encodeURIComponent(cursor)}`),
      take: ({ name, id, data }) => {
        if (name === 'behind') {
          isBehind = true
          return
        }
        cursor = id
        queue.push(JSON.parse(data) as Entry)
        list.ask()
      },
      state: (live, refused) => {
        if (live) isBehind = false
        tell(live ? 'Live' : isBehind ? 'Catching up' : 'Reconnecting')
        // Another server, to which the cursor means nothing.
        if (refused?.status === 400) start()
      },
    })
  }
  const start = () =>
    begin().catch((error: Refused) => {
      tell('Reconnecting')
      if (!isOver && error.status !== 401) setTimeout(start, 1000)
    })
  start()
  return () => {
    isOver = true
    list.stop()
    stop()
  }
}
