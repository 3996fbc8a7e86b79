import { useRef } from 'hono/jsx/dom'
import { Detail } from './detail.js'
import { useEffect, useState } from './hooks.js'
import type { Filter } from './journal.js'
import { List } from './list.js'
import { useAct, useJournal, usePage } from './page.js'
import { FaultLine } from './parts.js'
import { Start } from './start.js'
import { count } from './text.js'

const STATUSES = [
  ['', 'Any status'],
  ['failed', 'Failed'],
  ['2', '2xx'],
  ['3', '3xx'],
  ['4', '4xx'],
  ['401', '401'],
  ['5', '5xx'],
  ['none', 'No answer'],
] as const

/** The page's address with a call of the journal open. @param merchant null for a call of none */
export const addressOf = (merchant: string | null, id: number) => `#call/${encodeURIComponent(merchant ?? '')}/${id}`

/** The calls as they come, and the one that is open. */
export function Requests() {
  const { api, merchant } = usePage()
  const journal = useJournal()
  const { act, fault } = useAct()
  const [openKey, setOpenKey] = useState<number | undefined>(undefined)
  const [activeKey, setActiveKey] = useState<number | undefined>(undefined)
  /** The address with a call that is not open yet: the journal may still be read. */
  const [asked, setAsked] = useState(location.hash)
  const show = (key: number) => {
    setActiveKey(key)
    setOpenKey(key)
  }
  const search = useRef<HTMLInputElement>(null)
  const opened = openKey === undefined ? undefined : journal.rows.find(({ key }) => key === openKey)

  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key === 'Escape') setOpenKey(undefined)
      const { tagName } = event.target as HTMLElement
      if (event.key !== '/' || /^(INPUT|TEXTAREA|SELECT)$/.test(tagName)) return
      event.preventDefault()
      search.current?.focus()
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [])

  useEffect(() => {
    const follow = () => setAsked(location.hash)
    window.addEventListener('hashchange', follow)
    return () => window.removeEventListener('hashchange', follow)
  }, [])

  useEffect(() => {
    if (!asked.startsWith('#call/')) return
    const id = Number(asked.slice(asked.lastIndexOf('/') + 1))
    const row = journal.rows.findLast(({ entry }) => entry.id === id && addressOf(entry.merchant, id) === asked)
    if (row === undefined) return
    show(row.key)
    setAsked('')
  }, [asked, journal.version])

  if (journal.rows.length === 0 && journal.held === 0) return <Start />
  const set = (part: Partial<Filter>) => journal.narrow({ ...journal.filter, ...part })
  const empty = () =>
    act(async () => {
      await api.send('DELETE', api.path(merchant, '/requests'))
      journal.remove(merchant)
    })
  const field = (name: 'operation' | 'customer' | 'wallet') => (
    <input
      aria-label={name}
      type="search"
      placeholder={name[0]!.toUpperCase() + name.slice(1)}
      value={journal.filter[name]}
      list={name === 'operation' ? 'operations' : undefined}
      onInput={(event: Event) => set({ [name]: (event.target as HTMLInputElement).value })}
    />
  )
  return (
    <div class={`split ${opened ? 'opened' : ''}`}>
      <section class="calls" aria-label="Requests">
        <div class="filters">
          <input
            class="wide"
            aria-label="Filter"
            ref={search}
            type="search"
            placeholder="Filter by text ( / )"
            title="Looked for in path, bodies, reason, rule and warnings"
            value={journal.filter.text}
            onInput={(event: Event) => set({ text: (event.target as HTMLInputElement).value })}
          />
          <select
            aria-label="Status"
            value={journal.filter.status}
            onChange={(event: Event) => set({ status: (event.target as HTMLSelectElement).value })}
          >
            {STATUSES.map(([value, title]) => (
              <option key={value} value={value}>
                {title}
              </option>
            ))}
          </select>
          {field('operation')}
          {field('customer')}
          {field('wallet')}
          <datalist id="operations">
            {[...journal.operations].map((name) => (
              <option key={name} value={name} />
            ))}
          </datalist>
          <label class="tick">
            <input
              type="checkbox"
              checked={journal.filter.warned}
              onChange={(event: Event) => set({ warned: (event.target as HTMLInputElement).checked })}
            />
            Warnings
          </label>
          <button type="button" aria-pressed={journal.isPaused} onClick={() => journal.pause(!journal.isPaused)}>
            {journal.isPaused ? `Resume (${journal.held})` : 'Pause'}
          </button>
          <button type="button" onClick={empty}>
            Clear
          </button>
          <span class="tally" role="status">
            {journal.shown.length === journal.rows.length
              ? count(journal.rows.length, 'call')
              : `${journal.shown.length.toLocaleString('en')} of ${count(journal.rows.length, 'call')}`}
          </span>
        </div>
        {fault && <FaultLine sentence={fault.message} />}
        <List
          rows={journal.shown}
          narrowed={journal.filter}
          active={activeKey}
          isOpen={opened !== undefined}
          activate={setActiveKey}
          open={show}
        />
      </section>
      {opened && <Detail key={opened.key} entry={opened.entry} close={() => setOpenKey(undefined)} />}
    </div>
  )
}
