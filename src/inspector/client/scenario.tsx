import { ERROR_NAMES } from '../../lib/errors.js'
import { FAULTS } from '../../scenarios/terms.js'
import { withoutCounts } from './again.js'
import type { Latency, Scenario as Report, Rule, ShippedScenario } from './control-answers.js'
import { Editor } from './editor.js'
import { useEffect, useState } from './hooks.js'
import { useAnswer, usePage, useSteered } from './page.js'
import { Button, Cell, Empty, FaultLine, Options, Select, submitted, Table } from './parts.js'
import { locate } from './places.js'

const MADE_HERE = 'made in the inspector'

/** The rules in force, and three ways to others: a rule of one line, a shipped scenario, and JSON. */
export function Scenario() {
  const { api, merchant } = usePage()
  const path = api.path(merchant, '/scenario')
  const { answer, refused, fault, busy, send } = useSteered<Report>(path, ['request', 'scenario'])
  const { answer: shipped } = useAnswer<{ scenarios: ShippedScenario[] }>(api.path('', '/scenarios'))
  const [text, setText] = useState<string | undefined>(undefined)
  useEffect(() => setText(undefined), [path])

  if (answer === undefined) return <FaultLine sentence={refused} />
  const steer = async (method: 'PUT' | 'DELETE', scenario?: object | string) => {
    if (await send(method, path, scenario)) setText(undefined)
  }
  const set = (scenario: object | string) => steer('PUT', scenario)
  const change = (changed: (rules: readonly object[]) => readonly object[]) => {
    const { name, description, rules, ...rest } = withoutCounts(answer) as Report
    return set({ name: MADE_HERE, ...rest, rules: changed(rules) })
  }
  const current = text ?? JSON.stringify(withoutCounts(answer), null, 2)
  const known = shipped?.scenarios.find(({ name }) => name === answer.name)
  return (
    <section>
      <div class="title">
        <h2>
          {answer.name} <span class="quiet">for {merchant === '' ? 'every merchant' : merchant}</span>
        </h2>
        <Button label="Remove scenario" disabled={busy || answer.name === 'none'} press={() => steer('DELETE')} />
      </div>
      <p class="quiet">{answer.description ?? known?.description ?? ''}</p>
      <Quick add={(rule) => change((rules) => [rule, ...rules])} busy={busy} />
      <FaultLine sentence={text === undefined ? refused : undefined} />
      {answer.rules.length === 0 ? (
        <Empty title="No rule: every call gets the operation’s own answer" />
      ) : (
        <Rules rules={answer.rules} remove={(nth) => change((rules) => rules.toSpliced(nth, 1))} busy={busy} />
      )}
      {shipped && (
        <Gallery scenarios={shipped.scenarios} current={answer} use={(name: string) => set({ name })} busy={busy} />
      )}
      <h3>As JSON</h3>
      <Editor
        text={current}
        mistakes={text !== undefined && fault ? locate(current, fault.details) : []}
        edit={setText}
        apply={() => set(current)}
        undo={() => setText(undefined)}
        isEdited={text !== undefined}
        busy={busy}
      />
    </section>
  )
}

interface GalleryProps {
  readonly scenarios: readonly ShippedScenario[]
  readonly current: Report
  readonly busy: boolean
  use(name: string): void
}

/** The scenarios that ship, opened while no rule is in force. */
function Gallery({ scenarios, current, busy, use }: GalleryProps) {
  return (
    <details class="gallery" open={current.rules.length === 0}>
      <summary>Scenarios that ship ({scenarios.length})</summary>
      <ul>
        {scenarios.map(({ name, description }) => (
          <li key={name}>
            <b>{name}</b>
            <p class="quiet">{description}</p>
            <Button
              label={name === current.name ? 'In force' : 'Use it'}
              aria-label={`${name === current.name ? 'In force' : 'Use it'}: ${name}`}
              disabled={busy || name === current.name}
              press={() => use(name)}
            />
          </li>
        ))}
      </ul>
    </details>
  )
}

function Rules({ rules, remove, busy }: { rules: readonly Rule[]; remove(nth: number): void; busy: boolean }) {
  return (
    <Table
      class="cards"
      of={['Rule', 'Matches', 'When', 'Does', 'Matched', 'Fired', 'Next', 'Actions']}
      numeric={['Matched', 'Fired']}
    >
      {rules.map((rule, i) => (
        <tr key={i}>
          <td>
            <b>{rule.name}</b>
          </td>
          <Cell of="Matches" is={fields(rule.match) || 'every call'} />
          <Cell of="When" is={fields(rule.when) || 'always'} />
          <Cell of="Does" is={fields(rule.effect)} />
          <Cell of="Matched" class="number" is={rule.matched} />
          <Cell of="Fired" class="number" is={rule.fired} />
          <Cell of="Next" is={rule.next ? nextOf(rule.next) : '–'} />
          <td class="acts">
            <Button label="Remove" aria-label={`Remove ${rule.name}`} disabled={busy} press={() => remove(i)} />
          </td>
        </tr>
      ))}
    </Table>
  )
}

/** On which call a rule fires next; `*` stands for any resource. */
const nextOf = ({ call, resource }: NonNullable<Rule['next']>) =>
  `fires next on call ${call} of ${resource === '*' ? 'each customer or wallet' : resource}`

/** `operation juspay.refresh*, header {"x-routing-id":"a*"}` */
function fields(part: object | undefined): string {
  const shown = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
  return Object.entries(part ?? {})
    .map(([name, value]) => `${name} ${shown(value)}`)
    .join(', ')
}

const WHEN = { nth: 'call number', first: 'the first', every: 'every one in', always: 'every call' }

/** A rule in one sentence: which call of which operation fails, and how. */
function Quick({ add, busy }: { add(rule: object): void; busy: boolean }) {
  const { api, merchant } = usePage()
  const { answer } = useAnswer<Latency>(api.path(merchant, '/latency'))
  const [when, setWhen] = useState<string>('nth')
  const submit = (event: Event) => {
    const form = submitted(event)
    const [number, operation] = [Number(form.get('number')), String(form.get('operation'))]
    const [kind, name] = String(form.get('effect')).split(':') as [string, string]
    const title = WHEN[when as keyof typeof WHEN]
    add({
      name: `${title}${when === 'always' ? '' : ` ${number}`} of ${operation}`,
      match: { operation },
      ...(when === 'always' ? {} : { when: { [when]: number } }),
      effect: { [kind]: name },
    })
  }
  const operations = Object.keys(answer?.operations ?? {})
  return (
    <form class="quick" aria-label="Make a call fail" onSubmit={submit}>
      <span>Fail</span>
      <Select label="Which calls" value={when} of={Object.entries(WHEN)} choose={setWhen} />
      {when !== 'always' && <input name="number" type="number" min="1" value="3" required aria-label="Number" />}
      <span>of</span>
      <Select label="Operation" name="operation" of={operations} />
      <span>with</span>
      <select name="effect" aria-label="Effect">
        <optgroup label="Error">
          <Options of={ERROR_NAMES.map((name) => [`error:${name}`, name] as const)} />
        </optgroup>
        <optgroup label="Fault of the connection">
          <Options of={FAULTS.map((name) => [`fault:${name}`, name] as const)} />
        </optgroup>
      </select>
      <button type="submit" class="main" disabled={busy}>
        Add rule
      </button>
      <span class="quiet">Calls are counted for each customer or wallet.</span>
    </form>
  )
}
