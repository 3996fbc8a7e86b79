import type { Child, JSX } from 'hono/jsx'
import { useState } from './hooks.js'
import { usePage } from './page.js'
import { dateTimeOf } from './text.js'

/** Small pieces that several views show. */

/** What was written into a field, or chosen. */
export const textOf = ({ target }: Event) => (target as HTMLInputElement | HTMLSelectElement).value

/** The fields of a form that is submitted to the page itself. */
export function submitted(event: Event): FormData {
  event.preventDefault()
  return new FormData(event.target as HTMLFormElement)
}

export function Status({ status, fault }: { status: number | null | undefined; fault?: string | null }) {
  if (status === undefined) return <span class="status quiet">…</span>
  if (status === null) return <span class="status lost">{fault ?? 'none'}</span>
  return <span class={`status ${status < 400 ? 'served' : status < 500 ? 'refused' : 'failed'}`}>{status}</span>
}

/** A time in the zone that the page shows. */
export function Time({ at }: { at: string }) {
  return <time datetime={at}>{dateTimeOf(at, usePage().isLocal)}</time>
}

interface CellProps {
  readonly of: string
  readonly class?: string
  readonly is: Child
  /** Below it, smaller. */
  readonly sub?: Child
}

/** A cell of a table, with the title of its column. */
export const Cell = ({ of, is, sub, ...cell }: CellProps) => (
  <td data-label={of} {...cell}>
    {is}
    {sub && <div class="sub">{sub}</div>}
  </td>
)

/** What a select offers: a value, or one with a title. */
type Option = string | readonly [value: string, title: string]

export const Options = ({ of }: { of: Iterable<Option> }) => (
  <>
    {Array.from(of, (one) => {
      const [value, title] = typeof one === 'string' ? [one, one] : one
      return (
        <option key={value} value={value}>
          {title}
        </option>
      )
    })}
  </>
)

interface SelectProps extends Omit<JSX.IntrinsicElements['select'], 'onChange'> {
  readonly label: string
  readonly of: Iterable<Option>
  choose?(value: string): void
}

export const Select = ({ label, of, choose, ...select }: SelectProps) => (
  <select aria-label={label} onChange={(event: Event) => choose?.(textOf(event))} {...select}>
    <Options of={of} />
  </select>
)

interface ButtonProps extends Omit<JSX.IntrinsicElements['button'], 'onClick'> {
  readonly label: string
  press(): unknown
}

/** A button that submits no form. */
export const Button = ({ label, press, ...button }: ButtonProps) => (
  <button type="button" onClick={press} {...button}>
    {label}
  </button>
)

interface TableProps {
  readonly class?: string
  /** The titles of its columns; that of the buttons is not shown. */
  readonly of: readonly string[]
  /** Columns that hold figures. */
  readonly numeric?: readonly string[]
  readonly children: Child
}

export const Table = ({ of, numeric = [], children, ...table }: TableProps) => (
  <div class="scroll">
    <table {...table}>
      <thead>
        <tr>
          {of.map((title) => (
            <th key={title} class={numeric.includes(title) ? 'number' : ''}>
              {title === 'Actions' ? <span class="unseen">{title}</span> : title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  </div>
)

interface PairsProps {
  readonly class: string
  /** What is null is left out. */
  readonly of: readonly (readonly [name: Child, value: Child])[]
}

/** Names, and beside each what it stands for. */
export const Pairs = ({ of, ...list }: PairsProps) => (
  <dl {...list}>
    {of.map(
      ([name, value]) =>
        value !== null && (
          <>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </>
        ),
    )}
  </dl>
)

export function Empty({ title, children }: { title: string; children?: Child }) {
  return (
    <section class="empty">
      <h2>{title}</h2>
      {children}
    </section>
  )
}

/** What the sandbox refused. It takes its place even while it is empty. */
export function FaultLine({ sentence }: { sentence: string | undefined }) {
  return (
    <p class="fault line" role="alert">
      {sentence ?? ''}
    </p>
  )
}

interface FieldProps extends Omit<JSX.IntrinsicElements['input'], 'onSubmit'> {
  readonly label: string
  /** On the button. */
  readonly title: string
  submit(text: string): unknown
}

/** A form of one field, which must be filled. */
export const OneField = ({ label, title, submit, ...input }: FieldProps) => (
  <form class="filters" onSubmit={(event: Event) => submit(String(submitted(event).get('field')))}>
    <input class="wide" name="field" aria-label={label} required {...input} />
    <button type="submit">{title}</button>
  </form>
)

/** A button that copies, and confirms it. */
export function Copy({ label, text }: { label: string; text(): string | Promise<string> }) {
  const [said, setSaid] = useState('')
  const copy = async () => {
    try {
      await write(await text())
      setSaid('Copied')
    } catch {
      setSaid('Not copied')
    }
    setTimeout(() => setSaid(''), 1500)
  }
  return (
    <button type="button" class="copy" onClick={copy}>
      <span style={{ visibility: said === '' ? 'visible' : 'hidden' }}>{label}</span>
      <span role="status">{said}</span>
    </button>
  )
}

/** The clipboard is there on loopback and HTTPS; elsewhere a page copies what is selected. */
async function write(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) return navigator.clipboard.writeText(text)
  const area = document.createElement('textarea')
  area.value = text
  document.body.append(area)
  area.select()
  const isCopied = document.execCommand('copy')
  area.remove()
  if (!isCopied) throw new Error('not copied')
}

/** A text whose addresses are links. */
export function Linked({ text }: { text: string }) {
  return (
    <>
      {text.split(/(https?:\/\/[^\s,;()]+)/).map((part, i) =>
        i % 2 === 0 ? (
          part
        ) : (
          <a key={part} href={part} target="_blank" rel="noreferrer noopener">
            {part.replace(/^https?:\/\//, '')}
          </a>
        ),
      )}
    </>
  )
}
