import { Chart } from './chart.js'
import type { OperationLatency, Latency as Report } from './control-answers.js'
import { useState } from './hooks.js'
import { useAnswer, usePage } from './page.js'
import { Empty, FaultLine } from './parts.js'
import { DRAWN, MEASURED, percentagesOf, SERIES, type Series } from './percentiles.js'
import { count, ms } from './text.js'

const MODES: Readonly<Record<string, string>> = {
  real: 'Calls wait as long as was drawn.',
  off: 'Delays are off: nothing is drawn, and calls do not wait.',
  virtual: 'Delays are drawn and reported, and calls do not wait.',
}

/** How long calls took, or would have taken with its delays, beside what the vendor publishes. */
export function Latency() {
  const { api, merchant } = usePage()
  const { answer, refused } = useAnswer<Report>(api.path(merchant, '/latency'), ['request', 'scenario'])
  const [chosen, setChosen] = useState('')
  if (answer === undefined) return <FaultLine sentence={refused} />
  // What was called, and what the vendor publishes.
  const all = Object.entries(answer.operations).filter(([, one]) => one.calls > 0 || one.published !== null)
  all.sort(([, a], [, b]) => b.calls - a.calls)
  const [operation, latency] = all.find(([id]) => id === chosen) ?? all[0] ?? []
  if (operation === undefined || latency === undefined) return <Empty title="No operation has latency to show" />
  const mode = String(answer.mode)
  const told = mode === 'real' ? MEASURED : DRAWN
  return (
    <section class="fill latency">
      <p class="quiet">
        {MODES[mode] ?? `Calls wait ${mode} times as long as was drawn.`} Counted since the scenario was set.
      </p>
      <div class="pair">
        <div>
          <h2>{operation}</h2>
          <Chart operation={operation} latency={latency} />
          <Timeout latency={latency} />
        </div>
        <div class="scroll">
          <Figures latency={latency} told={told} />
        </div>
      </div>
      <h3>Every operation</h3>
      <div class="scroll">
        <table class="choices">
          <thead>
            <tr>
              <th>Operation</th>
              <th class="number">Calls</th>
              <th class="number">p50 {told.name}</th>
              <th class="number">p99 {told.name}</th>
              <th class="number">p99 published</th>
              <th class="number">p99 off by</th>
            </tr>
          </thead>
          <tbody>
            {all.map(([id, one]) => (
              <tr key={id} class={id === operation ? 'chosen' : ''}>
                <td>
                  <button type="button" class="link" aria-pressed={id === operation} onClick={() => setChosen(id)}>
                    {id}
                  </button>
                </td>
                <td class="number">{one.calls.toLocaleString('en')}</td>
                <td class="number">{ms(told.of(one)?.['50'])}</td>
                <td class="number">{ms(told.of(one)?.['99'])}</td>
                <td class="number">{ms(one.published?.['99'])}</td>
                <OffBy latency={one} told={told} percentage="99" />
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function Timeout({ latency: { recommendedTimeoutMs, aboveTimeout, calls } }: { latency: OperationLatency }) {
  if (recommendedTimeoutMs === null) return <p class="quiet">The vendor recommends no timeout for it.</p>
  return (
    <p>
      <span class="swatch timeout" /> Recommended timeout {ms(recommendedTimeoutMs)} ms: <b>{aboveTimeout}</b> of{' '}
      {count(calls, 'call')} took longer.
    </p>
  )
}

function Figures({ latency, told }: { latency: OperationLatency; told: Series }) {
  return (
    <table class="figures">
      <caption>Milliseconds that a share of calls stays within; ≈ too few calls to tell</caption>
      <thead>
        <tr>
          <th>Share</th>
          {SERIES.map(({ name }) => (
            <th key={name} class="number">
              <span class={`swatch ${name}`} />
              {name}
            </th>
          ))}
          <th class="number">{told.name} − published</th>
        </tr>
      </thead>
      <tbody>
        {percentagesOf(latency).map((percentage) => (
          <tr key={percentage}>
            <th scope="row">p{percentage}</th>
            {SERIES.map(({ name, of }) => (
              <td key={name} class="number">
                {ms(of(latency)?.[percentage])}
              </td>
            ))}
            <OffBy latency={latency} told={told} percentage={percentage} />
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** How far a delay is from what is published, `+3.2 (+12 %)`; greyed where a single call decides it. */
function OffBy({ latency, told, percentage }: { latency: OperationLatency; told: Series; percentage: string }) {
  const [is, ought] = [told.of(latency)?.[percentage], latency.published?.[percentage]]
  if (is === undefined || ought === undefined) return <td class="number">–</td>
  const sign = is < ought ? '−' : '+'
  const apart = Math.abs(is - ought)
  const needed = Math.round(100 / (100 - Number(percentage)))
  const isFew = latency.calls < needed
  return (
    <td
      class={`number ${isFew ? 'quiet' : ''}`}
      title={
        isFew
          ? `Of ${count(latency.calls, 'call')}, p${percentage} is the slowest one. It takes ${needed} calls to tell.`
          : ''
      }
    >
      {isFew && '≈ '}
      {sign}
      {ms(apart)} ({sign}
      {Math.round((apart / ought) * 100)}&nbsp;%)
    </td>
  )
}
