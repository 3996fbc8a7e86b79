import type { Verdict as Judged } from './control-answers.js'
import { useAnswer, usePage } from './page.js'
import { Empty, FaultLine, Linked } from './parts.js'
import { addressOf } from './requests-view.js'

const VERDICTS = {
  ok: 'The client does as the vendor’s pages ask.',
  warn: 'The client works, and could do better.',
  fail: 'The client does what it must not.',
} as const

/** What the journal shows about the client. */
export function Verdict() {
  const { api, merchant } = usePage()
  const { answer, refused } = useAnswer<Judged>(api.path(merchant, '/verdict'), ['request'])
  return (
    <section class="column">
      <FaultLine sentence={refused} />
      {answer && <h2 class={`verdict ${answer.verdict}`}>{VERDICTS[answer.verdict]}</h2>}
      {answer?.findings.length === 0 && <Empty title="No finding" />}
      <ul class="findings">
        {answer?.findings.map(({ rule, level, message, requests, source, merchant: whose }, i) => (
          <li key={i} class={level}>
            <b>{rule}</b> <span class={`chip ${level}`}>{level}</span>{' '}
            {merchant === '' && <span class="quiet">{whose ?? 'no merchant'}</span>}
            <p>{message}</p>
            <p class="quiet">
              {requests.map((id) => (
                <a key={id} class="call" href={addressOf(whose, id)}>
                  Call {id}
                </a>
              ))}
              <Linked text={source} />
            </p>
          </li>
        ))}
      </ul>
    </section>
  )
}
