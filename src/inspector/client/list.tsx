import { memo, useRef } from 'hono/jsx/dom'
import type { Entry, Latency } from './control-answers.js'
import { useEffect, useState } from './hooks.js'
import type { Filter } from './journal.js'
import { usePage } from './page.js'
import { Button, Status } from './parts.js'
import { ms, timeOf } from './text.js'

/** Rows drawn above and below what is in view. */
const BEYOND = 4
/** What the id of a row's element begins with. */
const ID = 'call-'

interface Props {
  readonly active: number | undefined
  readonly isOpen: boolean
  readonly latency: Latency | undefined
  activate(key: number): void
  open(key: number): void
}

/** In px. */
const heightOfRow = () => Number.parseInt(getComputedStyle(document.documentElement).getPropertyValue('--row'), 10)

/** Only the rows in view are in the document, whatever their number. */
export function List({ active, isOpen, latency, activate, open }: Props) {
  const { isLocal, journal } = usePage()
  const { shown: rows, filter: narrowed } = journal
  const box = useRef<HTMLDivElement>(null)
  const [scrolled, setScrolled] = useState(0)
  const [{ height, rowHeight }, setSize] = useState({ height: 600, rowHeight: heightOfRow() })
  const [unseen, setUnseen] = useState(0)
  const before = useRef<{ first: number | undefined; narrowed: Filter }>({ first: undefined, narrowed })
  // A key may be pressed again before the list is drawn anew.
  const current = useRef(active)
  current.current = active

  useEffect(() => {
    const element = box.current!
    const resized = new ResizeObserver(() => setSize({ height: element.clientHeight, rowHeight: heightOfRow() }))
    resized.observe(element)
    return () => resized.disconnect()
  }, [])

  useEffect(() => {
    const { first, narrowed: filter } = before.current!
    before.current = { first: rows[0]?.key, narrowed }
    const element = box.current!
    if (filter !== narrowed) {
      element.scrollTop = 0
      setUnseen(0)
      return
    }
    const added = first === undefined ? 0 : rows.findIndex(({ key }) => key === first)
    // What is being read stays where it is.
    if (added <= 0 || (element.scrollTop === 0 && !isOpen)) return
    element.scrollTop += added * rowHeight
    setUnseen((count: number) => count + added)
  }, [rows])

  useEffect(() => {
    if (isOpen) reveal(rows.findIndex(({ key }) => key === active))
  }, [active, isOpen, narrowed])

  const scroll = () => {
    const { scrollTop } = box.current!
    setScrolled(scrollTop)
    if (scrollTop < rowHeight) setUnseen(0)
  }
  const move = (to: number) => {
    const index = Math.max(0, Math.min(rows.length - 1, to))
    const row = rows[index]
    if (row === undefined) return
    current.current = row.key
    activate(row.key)
    if (isOpen) open(row.key)
    reveal(index)
  }
  const reveal = (index: number) => {
    if (index < 0) return
    const element = box.current!
    const top = index * rowHeight
    element.scrollTop = Math.min(top, Math.max(element.scrollTop, top + rowHeight - element.clientHeight))
  }
  const page = Math.max(1, Math.floor(height / rowHeight) - 1)
  const press = (event: KeyboardEvent) => {
    const at = rows.findIndex(({ key }) => key === current.current)
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: rows.length - 1,
    }
    const to = moves[event.key]
    if (to !== undefined) move(to)
    else if (event.key === 'Enter' && at >= 0) open(rows[at]!.key)
    else return
    event.preventDefault()
  }
  const click = (event: MouseEvent) => {
    const id = (event.target as HTMLElement).closest('[role=option]')?.id
    if (id === undefined) return
    open(Number(id.slice(ID.length)))
    // A row leaves the document when it is out of view, and would take the focus along.
    box.current!.focus({ preventScroll: true })
  }
  const from = Math.max(0, Math.floor(scrolled / rowHeight) - BEYOND)
  const drawn = rows.slice(from, from + Math.ceil(height / rowHeight) + 2 * BEYOND)
  return (
    <div class="list">
      <div class="row head" aria-hidden="true">
        <span class="time">Time, {isLocal ? 'local' : 'UTC'}</span>
        <span>Status</span>
        <span class="what">Operation</span>
        <span class="path">Path</span>
        <span class="merchant">Merchant</span>
        <span class="why">Why</span>
        <span class="ms">Took ms</span>
        <span />
      </div>
      {unseen > 0 && (
        <Button
          label={`↑ ${unseen.toLocaleString('en')} new`}
          class="main fresh"
          press={() => box.current!.scrollTo(0, 0)}
        />
      )}
      {rows.length === 0 && <p class="empty none">No call passes the filter.</p>}
      <div
        ref={box}
        class="rows"
        role="listbox"
        aria-label="Calls, the newest first"
        aria-activedescendant={drawn.some(({ key }) => key === active) ? `${ID}${active}` : undefined}
        tabIndex={0}
        onScroll={scroll}
        onClick={click}
        onKeyDown={press}
      >
        <div style={{ height: `${rows.length * rowHeight}px`, 'padding-top': `${from * rowHeight}px` }}>
          {drawn.map(({ key, entry }, i) => (
            <div
              key={i}
              id={`${ID}${key}`}
              class="row"
              role="option"
              tabIndex={-1}
              aria-selected={key === active ? 'true' : 'false'}
            >
              <Cells entry={entry} latency={latency} isLocal={isLocal} />
            </div>
          ))}
        </div>
      </div>
    </div>
  )
}

interface CellsProps extends Pick<Props, 'latency'> {
  readonly entry: Entry
  readonly isLocal: boolean
}

const Cells = memo(function Cells({ entry, latency, isLocal }: CellsProps) {
  const { request, response, warnings, measuredMs } = entry
  const tp99 = latency?.operations[entry.operation ?? '']?.published?.['99']
  const why = entry.reason ?? entry.rule ?? entry.fault ?? warnings[0] ?? ''
  return (
    <>
      <span class="time">{timeOf(entry.at, isLocal)}</span>
      <Status status={response?.status} fault={entry.fault} />
      <span class="what">{entry.operation ?? 'no operation'}</span>
      <span class="path" title={request.path}>
        {request.method} {request.path}
      </span>
      <span class="merchant">{entry.merchant ?? 'none'}</span>
      <span class="why" title={why}>
        {why}
      </span>
      <Took tp99={tp99} took={measuredMs} />
      <span class="warn" title={warnings.join('\n')}>
        {warnings.length === 0 ? '' : '▲'}
        {warnings.length > 0 && <span class="unseen">has warnings</span>}
      </span>
    </>
  )
})

/** How long a call took, and as a bar: full at the published TP99, and hatched beyond it. */
function Took({ tp99, took }: { tp99: number | undefined; took: number | null }) {
  if (tp99 === undefined || took === null) return <span class="ms">{ms(took)}</span>
  const isBeyond = took > tp99
  const share = `${Math.min(100, Math.round((took / tp99) * 100))}%`
  return (
    <span
      class={`ms gauge ${isBeyond ? 'beyond' : ''}`}
      style={{ '--share': share }}
      title={`Published TP99: ${ms(tp99)} ms`}
    >
      {ms(took)}
      {isBeyond && <span class="unseen">beyond the published TP99</span>}
    </span>
  )
}
