import { callAddress } from './address.js'
import type { Path } from './api.js'
import type { Change, OrderTimeline } from './control-answers.js'
import { useAnswer, usePage } from './page.js'
import { Empty, FaultLine, OneField, Status, Time } from './parts.js'
import { type Read, timelineOf } from './reads.js'

/** One order from its first call to its last delivery. */
export function Order() {
  const { api, merchant, order, go } = usePage()
  const find = (reference: string) => go({ order: { merchant: order?.merchant ?? merchant, reference } })
  return (
    <section class="column">
      <OneField
        label="Order"
        type="search"
        placeholder="Order, such as tea-1"
        value={order?.reference}
        title="Show"
        submit={find}
      />
      {order === undefined ? (
        <Empty title="One order">
          <p>Its calls, what each changed, answers that were lost, deliveries and findings, from top to bottom.</p>
        </Empty>
      ) : (
        <Steps path={api.path(order.merchant, timelineOf(order.reference))} />
      )}
    </section>
  )
}

function Steps({ path }: { path: Path<Read> }) {
  const { answer, refused } = useAnswer<OrderTimeline>(path, ['request', 'delivery'])
  return (
    <>
      <FaultLine sentence={refused} />
      <ol class="steps">
        {answer?.steps.map((step, i) =>
          step.kind === 'delivery' ? (
            <li key={i}>
              <Time at={step.delivery.at} />{' '}
              <span class="chip">
                {step.delivery.url === null ? 'no receiver' : `delivery ${step.delivery.attempt}`}
              </span>{' '}
              <b>{step.delivery.name}</b>{' '}
              {step.delivery.status === null ? step.delivery.reason : <Status status={step.delivery.status} />}
            </li>
          ) : (
            <li key={i} class={step.lost ? 'lost' : ''}>
              <Time at={step.call.at} /> <Status status={step.call.response?.status} fault={step.call.fault} />{' '}
              <a href={callAddress(step.call.merchant, step.call.id)}>
                Call {step.call.id}, {step.call.operation ?? step.call.request.path}
              </a>
              {step.lost && <b class="bad"> The answer was lost.</b>}
              <Changed changes={step.call.changes} />
              {step.findings.map(({ rule, level, message }) => (
                <p key={rule} class={level}>
                  <span class={`chip ${level}`}>{level}</span> <b>{rule}</b> {message}
                </p>
              ))}
            </li>
          ),
        )}
      </ol>
    </>
  )
}

/** What a call changed, a line each. */
export function Changed({ changes }: { changes: readonly Change[] }) {
  return (
    <ul class="changes">
      {changes.map(({ of, field, before, after }) => (
        <li key={`${of} ${field}`}>
          {of}: {field} <code>{shown(before)}</code> → <code>{shown(after)}</code>
        </li>
      ))}
    </ul>
  )
}

const shown = (value: Change['before']) => (value === null ? 'none' : String(value))
