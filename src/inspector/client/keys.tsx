import { useRef } from 'hono/jsx/dom'
import { useEffect } from './hooks.js'
import { Pairs } from './parts.js'

const KEYS = [
  ['/', 'goes to the filter'],
  ['↑ ↓ PageUp PageDown Home End', 'goes through the calls'],
  ['Enter', 'opens a call'],
  ['Escape', 'closes it'],
  ['?', 'shows this'],
] as const

/** Whether a key is a character of what is being written. */
export const isWritten = ({ target }: KeyboardEvent) =>
  /^(INPUT|TEXTAREA|SELECT)$/.test((target as HTMLElement).tagName)

/** The keys of the keyboard, shown by one of them. */
export function KeysHelp() {
  const box = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key === '?' && !isWritten(event) && !box.current!.open) box.current!.showModal()
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [])
  return (
    <dialog ref={box} aria-label="Keys of the keyboard">
      <h2>Keys of the keyboard</h2>
      <Pairs class="facts" of={KEYS.map(([key, does]) => [<kbd key={key}>{key}</kbd>, does])} />
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  )
}
