import type { Delivery } from './control-answers.js'
import { usePage, useSteered } from './page.js'
import { Button, Empty, FaultLine, OneField, Status, Table, Time } from './parts.js'

/** Attempts to deliver events, the newest first. */
export function Deliveries() {
  const { api, merchant } = usePage()
  const path = api.path(merchant, '/webhooks')
  const { answer, refused, send } = useSteered<{ deliveries: Delivery[] }>(path, ['delivery', 'clock', 'request'])
  const redeliver = (event: string) =>
    send('POST', api.path(merchant, `/webhooks/${encodeURIComponent(event)}/redeliver`))
  const newest = answer?.deliveries.toReversed()
  return (
    <section>
      {!api.isFile && (
        <OneField
          label="Receiver"
          type="url"
          placeholder="Receiver of events: http://127.0.0.1:9000/hooks"
          title="Send events there"
          submit={(url) => send('PUT', api.path(merchant, '/webhook'), { url })}
        />
      )}
      <FaultLine sentence={refused} />
      {newest?.length === 0 && (
        <Empty title="Nothing was delivered">
          <p>An event follows from an order: paid, failed, refunded. Each attempt to deliver one is shown here.</p>
        </Empty>
      )}
      {newest && newest.length > 0 && (
        <Table
          class="cards"
          of={['Sandbox time', 'Event', 'Order', 'Attempt', 'Answer', 'Next try']}
          numeric={['Attempt']}
          acts
        >
          {newest.map((delivery) => (
            <tr key={`${delivery.event} ${delivery.attempt} ${delivery.at}`}>
              <td data-label="Sandbox time">
                <Time at={delivery.at} />
              </td>
              <td data-label="Event">
                <b>{delivery.name}</b>
                <details>
                  <summary>Body</summary>
                  <pre>{JSON.stringify(delivery.body, null, 2)}</pre>
                </details>
              </td>
              <td data-label="Order">
                <code>{delivery.order}</code>
                <span class="sub">{delivery.url ?? 'no receiver'}</span>
              </td>
              <td data-label="Attempt" class="number">
                {delivery.attempt}
              </td>
              <td data-label="Answer">
                {delivery.status === null ? <span class="bad">none</span> : <Status status={delivery.status} />}
                <span class="sub">{delivery.reason ?? ''}</span>
                <span class="sub">{delivery.rule === null ? '' : `rule ${delivery.rule}`}</span>
              </td>
              <td data-label="Next try">
                {delivery.next === null ? delivery.status === 200 ? 'taken' : 'none' : <Time at={delivery.next} />}
              </td>
              <td class="acts">
                <Button
                  label="Redeliver"
                  disabled={api.isFile || delivery.url === null}
                  press={() => redeliver(delivery.event)}
                />
              </td>
            </tr>
          ))}
        </Table>
      )}
    </section>
  )
}
