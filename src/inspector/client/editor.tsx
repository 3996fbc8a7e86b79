import { Button } from './parts.js'
import type { Mistake } from './places.js'

interface Props {
  readonly text: string
  readonly mistakes: readonly Mistake[]
  readonly isEdited: boolean
  readonly busy: boolean
  edit(text: string): void
  apply(): void
  undo(): void
}

/** A text of JSON with the mistakes of its last try beside the lines they are in. */
export function Editor({ text, mistakes, isEdited, busy, edit, apply, undo }: Props) {
  const lines = text.split('\n')
  const widest = Math.max(...lines.map((line) => line.length))
  const press = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) apply()
  }
  const placed = mistakes.filter(({ line }) => line !== undefined)
  return (
    <div class="editor">
      <div class="page">
        <div class="gutter" aria-hidden="true">
          {lines.map((_, i) => (
            <div key={i} class={placed.some(({ line }) => line === i) ? 'bad' : ''}>
              {i + 1}
            </div>
          ))}
        </div>
        <div class="sheet" style={{ 'min-width': `${widest + 2}ch` }}>
          {placed.map(({ line, sentence }) => (
            <div
              key={sentence}
              class="mark"
              style={{ top: `calc(${line} * var(--leading) + 0.5rem)` }}
              title={sentence}
            />
          ))}
          <textarea
            aria-label="The scenario as JSON"
            aria-invalid={mistakes.length > 0 ? 'true' : undefined}
            spellcheck={false}
            wrap="off"
            rows={lines.length}
            value={text}
            onInput={(event: Event) => edit((event.target as HTMLTextAreaElement).value)}
            onKeyDown={press}
          />
        </div>
      </div>
      <div role="alert">
        <ul class="mistakes">
          {mistakes.map(({ line, sentence }) => (
            <li key={sentence}>
              {line !== undefined && <b>Line {line + 1}</b>} {sentence}
            </li>
          ))}
        </ul>
      </div>
      <div class="actions">
        <Button label="Apply" class="main" disabled={busy || !isEdited} press={apply} />
        <Button label="Undo edits" disabled={!isEdited} press={undo} />
        <span class="quiet">Ctrl+Enter applies.</span>
      </div>
    </div>
  )
}
