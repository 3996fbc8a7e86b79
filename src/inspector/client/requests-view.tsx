import { useRef } from 'hono/jsx/dom'
import { capitalized } from '../../lib/text.js'
import type { Latency } from './control-answers.js'
import { Detail } from './detail.js'
import { useEffect, useState } from './hooks.js'
import { isWritten } from './keys.js'
import { List } from './list.js'
import { useAct, useAnswer, useJournal, usePage } from './page.js'
import { Button, Empty, FaultLine, Options, Select, textOf } from './parts.js'
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

/** The calls as they come, and the one that is open. */
export function Requests() {
  const { api, merchant, call, go } = usePage()
  const { answer: latency } = useAnswer<Latency>(api.path('', '/latency'))
  const journal = useJournal()
  const { act, fault } = useAct()
  const [asksToClear, setAsksToClear] = useState(false)
  const [activeKey, setActiveKey] = useState<number | undefined>(undefined)
  const show = (key: number) => {
    const row = journal.rows.find((one) => one.key === key)
    setActiveKey(key)
    if (row) go({ call: { merchant: row.entry.merchant ?? '', id: row.entry.id } })
  }
  const close = () => {
    // Else the focus would go with the call.
    if (document.activeElement?.closest('.detail')) document.querySelector<HTMLElement>('.rows')?.focus()
    go({ call: undefined })
  }
  const search = useRef<HTMLInputElement>(null)
  // Numbers begin anew when a journal is emptied: the newest call of a number is meant.
  const opened =
    call && journal.rows.findLast(({ entry }) => entry.id === call.id && (entry.merchant ?? '') === call.merchant)

  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !document.querySelector(':popover-open, :modal')) close()
      if (event.key !== '/' || isWritten(event)) return
      event.preventDefault()
      search.current?.focus()
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [])

  useEffect(() => {
    if (opened) setActiveKey(opened.key)
  }, [opened?.key])

  if (journal.rows.length === 0 && journal.held.length === 0 && !call)
    return api.isFile ? <Empty title="No call in this recording" /> : <Start />
  const empty = () =>
    act(async () => {
      setAsksToClear(false)
      await api.send('DELETE', api.path(merchant, '/requests'))
      journal.remove(merchant)
    })
  const field = (name: 'text' | 'operation' | 'customer' | 'wallet', more: object = {}) => (
    <input
      aria-label={name}
      type="search"
      placeholder={capitalized(name)}
      value={journal.filter[name]}
      onInput={(event: Event) => journal.narrow({ [name]: textOf(event) })}
      {...more}
    />
  )
  return (
    <div class={`split ${opened ? 'opened' : ''}`}>
      <section class="calls" aria-label="Requests">
        <div class="filters">
          {field('text', {
            class: 'wide',
            'aria-label': 'Filter',
            ref: search,
            placeholder: 'Filter by text ( / )',
            title: 'Looked for in path, bodies, reason, rule and warnings',
          })}
          <Select
            label="Status"
            value={journal.filter.status}
            of={STATUSES}
            choose={(status) => journal.narrow({ status })}
          />
          {field('operation', { list: 'operations' })}
          {field('customer')}
          {field('wallet')}
          <datalist id="operations">
            <Options of={journal.operations} />
          </datalist>
          <label class="tick">
            <input
              type="checkbox"
              checked={journal.filter.warned !== ''}
              onChange={() => journal.narrow({ warned: journal.filter.warned === '' ? 'true' : '' })}
            />
            Warnings
          </label>
          <Button
            label={journal.isPaused ? `Resume (${journal.held.length})` : 'Pause'}
            hidden={api.isFile}
            aria-pressed={journal.isPaused}
            press={() => journal.pause(!journal.isPaused)}
          />
          <Button
            label={asksToClear ? 'Clear for good?' : 'Clear'}
            hidden={api.isFile}
            press={asksToClear ? empty : () => setAsksToClear(true)}
            onBlur={() => setAsksToClear(false)}
          />
          <span class="tally" role="status">
            {journal.shown.length === journal.rows.length
              ? count(journal.rows.length, 'call')
              : `${journal.shown.length.toLocaleString('en')} of ${count(journal.rows.length, 'call')}`}
          </span>
        </div>
        {fault && <FaultLine sentence={fault.message} />}
        {call && !opened && journal.isRead && (
          <FaultLine
            sentence={`Call ${call.id} of ${call.merchant || 'no merchant'} is not in the journal any more.`}
          />
        )}
        <List active={activeKey} isOpen={opened !== undefined} latency={latency} activate={setActiveKey} open={show} />
      </section>
      {opened && <Detail key={opened.key} entry={opened.entry} close={close} />}
    </div>
  )
}
