import type { HeldCall } from './control-answers.js'
import { usePage, useSteered } from './page.js'
import { Button, FaultLine, Time } from './parts.js'

const RELEASES = { Answer: {}, 'Lose the answer': { lose: true }, Refuse: { error: 'server_error' } }

/** The calls that a scenario holds, above every view while there are any. */
export function Held() {
  const { api, merchant } = usePage()
  const { answer, fault, send } = useSteered<{ holds: HeldCall[] }>(api.path(merchant, '/holds'), ['hold'])
  const holds = answer?.holds ?? []
  if (holds.length === 0) return null
  const release = ({ hold, call, merchant: whose }: HeldCall, how: object) =>
    send('POST', api.path(whose, `/holds/${encodeURIComponent(hold)}/release`), { ...how, call })
  return (
    <section class="held" aria-label="Held calls">
      <FaultLine sentence={fault?.message} />
      {holds.map((held) => (
        <p key={`${held.merchant} ${held.call}`}>
          <b>{held.hold}</b> holds <code>{held.request}</code> of {held.merchant} since <Time at={held.since} />
          {Object.entries(RELEASES).map(([title, how]) => (
            <Button key={title} label={title} press={() => release(held, how)} />
          ))}
        </p>
      ))}
    </section>
  )
}
