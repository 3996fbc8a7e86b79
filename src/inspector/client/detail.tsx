import { useRef } from 'hono/jsx/dom'
import { callAddress, orderAddress } from './address.js'
import { addressOf, callsBefore, toCurl, toTest } from './again.js'
import type { Entry, Scenario } from './control-answers.js'
import { useEffect } from './hooks.js'
import { Changed } from './order.js'
import { useAct, usePage } from './page.js'
import { Button, Copy, FaultLine, Linked, Pairs, Status } from './parts.js'
import { ordersIn } from './reads.js'
import { count, dateTimeOf, laidOut, ms } from './text.js'

const GRADES = {
  published: 'The vendor publishes this behaviour.',
  observed: 'Seen by integrators; the vendor does not publish it.',
  inferred: 'The vendor’s pages are silent. This is our decision.',
} as const

/** One call: first the reason for its answer, then the request and the answer. */
export function Detail({ entry, close }: { entry: Entry; close(): void }) {
  const page = usePage()
  const { api, journal } = page
  const { act, fault } = useAct()
  const box = useRef<HTMLElement>(null)
  const { request, response, rules, warnings, changes } = entry
  const orders = ordersIn(entry)
  const merchant = entry.merchant ?? ''

  // On a small screen it covers the list, so that the list's keys would go nowhere.
  useEffect(() => {
    const { current } = box
    if (current && getComputedStyle(current).position === 'fixed') current.focus()
  }, [])

  const asTest = async () => {
    const scenario = await api.get<Scenario>(api.path(merchant, '/scenario'))
    const entries = journal.rows.map((row) => row.entry)
    return toTest(entry, callsBefore(entry, entries), scenario, page)
  }
  const save = () =>
    act(async () => download(`${merchant}.capsule.json`, await api.get<object>(api.path(merchant, '/capsule'))))
  return (
    <article class="detail" ref={box} tabIndex={-1} aria-label="The call">
      <header class="title">
        <h2>
          <Status status={response?.status} fault={entry.fault} />{' '}
          <code>
            {request.method} {addressOf(request)}
          </code>
        </h2>
        <Button label="×" aria-label="Close" title="Close (Escape)" press={close} />
      </header>
      <p class={`reason ${response?.status != null && response.status < 400 ? '' : 'failed'}`}>{reasonOf(entry)}</p>
      {warnings.length > 0 && (
        <ul class="warnings" aria-label="Warnings to the client">
          {warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
      <div class="actions">
        <Copy label="Copy as curl" text={() => toCurl(entry, page, api.sandboxUrl)} />
        <Copy label="Copy as a test" text={asTest} />
        <Copy label="Copy link" text={() => new URL(callAddress(entry.merchant, entry.id), location.href).href} />
        {orders.map((reference) => (
          <a key={reference} href={orderAddress(entry.merchant, reference)}>
            Order {reference}
          </a>
        ))}
        {entry.merchant !== null && <Button label="Save as capsule" press={save} />}
      </div>
      {fault && <FaultLine sentence={fault.message} />}
      <Pairs
        class="facts"
        of={[
          ['Operation', entry.operation],
          ['Merchant', entry.merchant],
          ['Customer', entry.customer],
          ['Wallet', entry.wallet],
          ['Arrived', dateTimeOf(entry.at, page.isLocal)],
          ['Delay drawn', entry.intendedMs === null ? 'none' : `${ms(entry.intendedMs)} ms`],
          ['Measured', entry.measuredMs === null ? 'under way' : `${ms(entry.measuredMs)} ms`],
          ['Rule', entry.rule],
          ['Fault', entry.fault],
          ['Evidence', <Evidence key="evidence" entry={entry} />],
        ]}
      />
      {changes.length > 0 && (
        <>
          <h3>What it changed</h3>
          <Changed changes={changes} />
        </>
      )}
      {rules.length > 0 && (
        <>
          <h3>Rules of the scenario, in order</h3>
          <ol class="rules">
            {rules.map(({ name, fired, why }, i) => (
              <li key={i} class={fired ? 'fired' : ''}>
                <b>{name}</b> <span class="chip">{fired ? 'fired' : 'did not fire'}</span>
                <p>{why}</p>
              </li>
            ))}
          </ol>
        </>
      )}
      <h3>Response</h3>
      {response === null || response.status === null ? (
        <p class="quiet">{response === null ? 'The call is under way.' : 'The client got no answer.'}</p>
      ) : (
        <Message body={response.body} headers={response.headers} />
      )}
      <h3>Request</h3>
      <Message body={request.body} headers={request.headers} />
    </article>
  )
}

function reasonOf({ reason, response, rule }: Entry): string {
  if (reason !== null) return reason
  if (response === null) return 'The call is under way.'
  return rule === null
    ? 'Nothing stood in its way: the operation answered.'
    : `The operation answered. The rule "${rule}" took part.`
}

function Evidence({ entry: { grade, source } }: { entry: Entry }) {
  if (grade === null) return <>none: the scenario made this answer</>
  const [known] = grade.split(',') as [keyof typeof GRADES]
  return (
    <>
      <b class={`grade ${known}`}>{grade}</b>{' '}
      {known === grade ? GRADES[known] : 'A server of the vendor answered so that day.'}{' '}
      {source !== null && (
        <>
          Source: <Linked text={source} />
        </>
      )}
    </>
  )
}

function Message({ body, headers }: Pick<Entry['request'], 'body' | 'headers'>) {
  const all = Object.entries(headers)
  return (
    <>
      {body === '' ? <p class="quiet">No body.</p> : <pre>{laidOut(body)}</pre>}
      <details>
        <summary>{count(all.length, 'header')}</summary>
        <Pairs class="headers" of={all} />
      </details>
    </>
  )
}

function download(name: string, content: object): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([JSON.stringify(content)], { type: 'application/json' }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href))
}
