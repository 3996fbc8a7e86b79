import { useEffect, useState } from 'hono/jsx/dom'
import type { ClockReading } from './answers.js'
import { useAct, usePage } from './page.js'
import { FaultLine } from './parts.js'
import { dateTimeOf } from './text.js'

const STEPS = [
  ['1m', '+1 min'],
  ['16m', '+16 min'],
  ['24h', '+24 h'],
] as const

/** The sandbox clock's time as ISO text: it ticks while the clock runs. */
export function useNow(): string | undefined {
  const { clock } = usePage()
  const [now, setNow] = useState(clock?.now)
  useEffect(() => {
    setNow(clock?.now)
    if (clock?.mode !== 'real') return
    const readAt = Date.now()
    const tick = () => setNow(new Date(Date.parse(clock.now) + Date.now() - readAt).toISOString())
    const timer = setInterval(tick, 1000)
    return () => clearInterval(timer)
  }, [clock])
  return now
}

export function Clock() {
  const { api, changes, merchant, clock } = usePage()
  const { act, fault, busy } = useAct()
  const now = useNow()
  const steer = (method: 'PUT' | 'POST', resource: string, body: object) =>
    act(async () => {
      await api.send<ClockReading>(method, api.path(merchant, resource), body)
      changes.tell('clock')
    })
  const isFrozen = clock?.mode === 'frozen'
  return (
    <section class="column">
      <h2>Clock of {merchant === '' ? 'every merchant' : merchant}</h2>
      <p class="time-now">
        <time datetime={now}>{now === undefined ? '' : dateTimeOf(now)}</time> <span class="quiet">UTC</span>
      </p>
      <p class="quiet">
        {isFrozen ? 'It is frozen: it stands until it is advanced.' : 'It runs with this machine’s clock.'} Tokens,
        windows of rules, retries of webhooks and the journal follow it.
      </p>
      <div class="actions">
        {STEPS.map(([by, title]) => (
          <button key={by} type="button" disabled={busy} onClick={() => steer('POST', '/clock/advance', { by })}>
            {title}
          </button>
        ))}
        <button
          type="button"
          disabled={busy}
          onClick={() => steer('PUT', '/clock', { mode: isFrozen ? 'real' : 'frozen' })}
        >
          {isFrozen ? 'Let it run' : 'Freeze'}
        </button>
      </div>
      <p class="quiet">A token lives 15 minutes unless the sandbox was started otherwise: +16 min ends every one.</p>
      <FaultLine sentence={fault?.message} />
    </section>
  )
}
