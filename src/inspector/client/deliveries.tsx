import type { Delivery } from './control-answers.js'
import { usePage, useSteered } from './page.js'
import { Button, Cell, Empty, FaultLine, OneField, Status, Table, Time } from './parts.js'

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
          of={['Sandbox time', 'Event', 'Order', 'Attempt', 'Answer', 'Next try', 'Actions']}
          numeric={['Attempt']}
        >
          {newest.map((delivery) => (
            <tr key={`${delivery.event} ${delivery.attempt} ${delivery.at}`}>
              <Cell of="Sandbox time" is={<Time at={delivery.at} />} />
              <td data-label="Event">
                <b>{delivery.name}</b>
                <details>
                  <summary>Body</summary>
                  <pre>{JSON.stringify(delivery.body, null, 2)}</pre>
                </details>
              </td>
              <Cell of="Order" is={<code>{delivery.order}</code>} sub={delivery.url ?? 'no receiver'} />
              <Cell of="Attempt" class="number" is={delivery.attempt} />
              <td data-label="Answer">
                {delivery.status === null ? <span class="bad">none</span> : <Status status={delivery.status} />}
                <div class="sub">{delivery.reason ?? ''}</div>
                <div class="sub">{delivery.rule === null ? '' : `rule ${delivery.rule}`}</div>
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
