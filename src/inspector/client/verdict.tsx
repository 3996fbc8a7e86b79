import { plural } from '../../lib/text.js'
import { callAddress } from './address.js'
import type { Verdict as Judged } from './control-answers.js'
import { useEffect } from './hooks.js'
import { useAnswer, useJournal, usePage } from './page.js'
import { Copy, Empty, FaultLine, Linked } from './parts.js'
import { count } from './text.js'

/** What the journal shows about the client, the worst first. */
export function Verdict() {
  const { api, merchant } = usePage()
  const journal = useJournal()
  const { answer, refused } = useAnswer<Judged>(api.path(merchant, '/verdict'), ['request'])
  const findings = answer?.findings.toSorted((a, b) => gravity(b) - gravity(a)) ?? []
  const calls = journal.rows.filter(({ entry }) => merchant === '' || entry.merchant === merchant).length
  const headline = headlineOf(findings, calls)
  return (
    <section class="column">
      <FaultLine sentence={refused} />
      {answer && (
        <div class="title">
          <h2 class={`verdict ${answer.verdict}`}>{headline}</h2>
          <Copy label="Copy as Markdown" text={() => markdownOf(headline, findings)} />
        </div>
      )}
      {answer?.findings.length === 0 && <Empty title="No finding" />}
      <ul class="findings">
        {findings.map(({ rule, level, message, requests, source, merchant: whose }, i) => (
          <li key={i} class={level}>
            <b>{rule}</b> <span class={`chip ${level}`}>{level}</span>{' '}
            {merchant === '' && <span class="quiet">{whose ?? 'no merchant'}</span>}
            <p>{message}</p>
            <p class="quiet">
              {requests.map((id) => (
                <a key={id} class="call" href={callAddress(whose, id)}>
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

type Finding = Judged['findings'][number]

const gravity = ({ level }: Finding) => (level === 'fail' ? 1 : 0)

/** How many rules the client broke. */
const brokenIn = (findings: readonly Finding[]) => new Set(findings.filter(gravity).map(({ rule }) => rule)).size

/** The number of broken rules, for the tab of the verdict; it stands in the page's title too. */
export function Broken() {
  const { api, merchant } = usePage()
  const { answer } = useAnswer<Judged>(api.path(merchant, '/verdict'), ['request'])
  const broken = brokenIn(answer?.findings ?? [])
  useEffect(() => {
    document.title = `${broken > 0 ? `(${broken}) ` : ''}wallet-sandbox`
  }, [broken])
  if (broken === 0) return null
  return (
    <>
      {' '}
      <span class="chip fail">{broken}</span>
      <span class="unseen">{plural(broken, 'rule')} broken</span>
    </>
  )
}

/** `1 rule broken, 6 warnings in 85 calls` */
function headlineOf(findings: readonly Finding[], calls: number): string {
  const broken = brokenIn(findings)
  const warnings = findings.length - findings.filter(gravity).length
  return `${count(broken, 'rule')} broken, ${count(warnings, 'warning')} in ${count(calls, 'call')}`
}

/** The findings for a pull request. */
const markdownOf = (headline: string, findings: readonly Finding[]) =>
  [
    `**${headline}**`,
    '',
    ...findings.map(
      ({ rule, level, message, requests, source }) =>
        `- **${level}** \`${rule}\`: ${message} Calls: ${requests.join(', ')}. ${source}`,
    ),
  ].join('\n')
