import { useEffect, useState } from './hooks.js'
import { type Page, usePage } from './page.js'
import { Button, FaultLine, Time } from './parts.js'
import { span } from './text.js'

const STEPS = { '1m': '+1 min', '16m': '+16 min', '24h': '+24 h' }

/** The sandbox clock's time as ISO text: it ticks while the clock runs. */
export function useNow(): string | undefined {
  const { known } = usePage().clock
  const [, setTicks] = useState(0)
  const runs = known?.answer.mode === 'real'
  useEffect(() => {
    if (!runs) return
    const timer = setInterval(() => setTicks((ticks: number) => ticks + 1), 1000)
    return () => clearInterval(timer)
  }, [runs])
  return runs ? new Date(Date.now() + aheadOf(known)).toISOString() : known?.answer.now
}

/** How far a clock is ahead of this machine's, in ms. */
const aheadOf = ({ answer, readAt }: Reading) => Date.parse(answer.now) - readAt

type Reading = NonNullable<Page['clock']['known']>

/** How a clock runs, to the minute. */
function pace(clock: Reading): string {
  if (clock.answer.mode === 'frozen') return 'It is frozen: it stands until it is advanced.'
  const minutes = Math.round(aheadOf(clock) / 60_000)
  if (minutes === 0) return 'It runs with this machine’s clock.'
  return `It runs, ${span(minutes * 60_000)} ${minutes > 0 ? 'ahead of' : 'behind'} this machine’s clock.`
}

/** The sandbox clock's time. It ticks alone: to be drawn anew would close the popover around it. */
function Now() {
  const now = useNow()
  return now === undefined ? null : <Time at={now} />
}

/** The sandbox clock in the header, and what steers it in a popover. */
export function Clock() {
  const { api, merchant, clock, isLocal, go } = usePage()
  const { known, fault, busy } = clock
  const steer = (method: 'PUT' | 'POST', resource: string, body: object) =>
    clock.send(method, api.path(merchant, resource), body)
  const frozen = known?.answer.mode === 'frozen' && known.answer
  return (
    <div>
      <button type="button" class={`now ${frozen ? 'frozen' : ''}`} popovertarget="clock" title="Sandbox clock">
        <Now />
      </button>
      <dialog id="clock" popover="auto" aria-label="Clock">
        <h2>Clock of {merchant === '' ? 'every merchant' : merchant}</h2>
        <p class="time-now">
          <Now />
        </p>
        <p class="quiet">
          {known && pace(known)} Tokens, windows of rules, retries of webhooks and the journal follow it.
        </p>
        <div class="actions">
          {Object.entries(STEPS).map(([by, title]) => (
            <Button key={by} label={title} disabled={busy} press={() => steer('POST', '/clock/advance', { by })} />
          ))}
          <Button
            label={frozen ? 'Let it run' : 'Freeze'}
            disabled={busy}
            press={() => steer('PUT', '/clock', frozen ? { now: frozen.now, mode: 'real' } : { mode: 'frozen' })}
          />
          <Button
            label="Back to this machine’s time"
            disabled={busy}
            press={() => steer('PUT', '/clock', { mode: 'real' })}
          />
        </div>
        <p class="quiet">A token lives 15 minutes unless the sandbox was started otherwise: +16 min ends every one.</p>
        <label class="tick">
          <input type="checkbox" checked={isLocal} onChange={() => go({ isLocal: !isLocal })} />
          Times in this browser’s zone, {Intl.DateTimeFormat().resolvedOptions().timeZone}, in place of UTC
        </label>
        <FaultLine sentence={fault?.message} />
      </dialog>
    </div>
  )
}
