import { Chart } from './chart.js'
import type { OperationLatency, Latency as Report } from './control-answers.js'
import { useState } from './hooks.js'
import { useAnswer, usePage } from './page.js'
import { Button, Empty, FaultLine, Linked, Table } from './parts.js'
import { NAMES, percentagesOf, SERIES, type Series } from './percentiles.js'
import { count, ms } from './text.js'

const MODES: Readonly<Record<Exclude<Report['mode'], number>, string>> = {
  real: 'Calls wait as long as was drawn.',
  clock: 'Calls wait on the sandbox clock for as long as was drawn.',
  off: 'Delays are off: nothing is drawn, and calls do not wait.',
  virtual: 'Delays are drawn and reported, and calls do not wait.',
}

/** Merchants that are offered at once; the list above has all of them. */
const MAX_OFFERED = 20

/** How long calls took, or would have taken with its delays, beside what the vendor publishes. */
export function Latency() {
  const { api, journal, merchant, merchants } = usePage()
  const { answer, refused } = useAnswer<Report>(api.path(merchant, '/latency'), ['request', 'scenario'])
  const [chosen, setChosen] = useState('')
  const scenarios = [...new Set(merchants.map(({ scenario }) => scenario))]
  if (merchant === '' && scenarios.length > 1)
    return (
      <Empty title="Several scenarios are in force: choose a merchant">
        <p class="actions offered">
          {merchants.slice(0, MAX_OFFERED).map(({ id, scenario }) => (
            <Button key={id} label={`${id}: ${scenario}`} press={() => journal.narrow({ merchant: id })} />
          ))}
        </p>
      </Empty>
    )
  if (answer === undefined) return <FaultLine sentence={refused} />
  // What was called, and what the vendor publishes.
  const all = Object.entries(answer.operations).filter(([, one]) => one.calls > 0 || one.published !== null)
  all.sort(([, a], [, b]) => b.calls - a.calls)
  const [operation, latency] = all.find(([id]) => id === chosen) ?? all[0] ?? []
  if (operation === undefined || latency === undefined) return <Empty title="No operation has latency to show" />
  const { mode } = answer
  const told = mode === 'real' ? 'measured' : 'drawn'
  const figures = ['Calls', `p50 ${told}`, `p99 ${told}`, 'p99 published', 'p99 off by']
  return (
    <section>
      <p class="quiet">
        {typeof mode === 'number' ? `Calls wait ${mode} times as long as was drawn.` : MODES[mode]} Counted since the
        scenario was set.
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
      <Table of={['Operation', ...figures]} numeric={figures}>
        {all.map(([id, one]) => (
          <tr key={id} class={id === operation ? 'chosen' : ''}>
            <td>
              <Button label={id} class="link" aria-pressed={id === operation} press={() => setChosen(id)} />
            </td>
            <td class="number">{one.calls.toLocaleString('en')}</td>
            {delay(one, told, '50')}
            {delay(one, told, '99')}
            {delay(one, 'published', '99')}
            {offBy(one, told, '99')}
          </tr>
        ))}
      </Table>
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
      <caption>
        Milliseconds that a share of calls stays within
        {latency.publishedSource !== null && <Linked text={`, published: ${latency.publishedSource}`} />}
      </caption>
      <thead>
        <tr>
          <th>Share</th>
          {NAMES.map((name) => (
            <th key={name} class="number">
              <span class={`swatch ${name}`} style={{ color: `var(--${name})` }} />
              {name}
            </th>
          ))}
          <th class="number">{told} − published</th>
        </tr>
      </thead>
      <tbody>
        {percentagesOf(latency).map((percentage) => (
          <tr key={percentage}>
            <th scope="row">p{percentage}</th>
            {NAMES.map((series) => delay(latency, series, percentage))}
            {offBy(latency, told, percentage)}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** How many calls a percentile needs, so that the slowest one alone does not decide it. */
const callsFor = (percentage: string) => Math.round(100 / (100 - Number(percentage)))

function delay(latency: OperationLatency, series: Series, percentage: string) {
  const isCounted = series === 'drawn' || series === 'measured'
  const isFew = isCounted && latency.calls < callsFor(percentage)
  return <td class={`number ${isFew ? 'quiet' : ''}`}>{ms(SERIES[series](latency)?.[percentage])}</td>
}

/** How far a delay is from what is published, `+3.2 (+12 %)`, where there are enough calls. */
function offBy(latency: OperationLatency, series: Series, percentage: string) {
  const [is, ought] = [SERIES[series](latency)?.[percentage], latency.published?.[percentage]]
  if (is === undefined || ought === undefined) return <td class="number">–</td>
  const needed = callsFor(percentage)
  if (latency.calls < needed) {
    const why = `Of ${count(latency.calls, 'call')}, p${percentage} is the slowest one. It takes ${needed} calls to tell.`
    return (
      <td class="number quiet" title={why}>
        too few calls
      </td>
    )
  }
  const sign = is < ought ? '−' : '+'
  const apart = Math.abs(is - ought)
  return (
    <td class="number">
      {sign}
      {ms(apart)} ({sign}
      {Math.round((apart / ought) * 100)}&nbsp;%)
    </td>
  )
}
