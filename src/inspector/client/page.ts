import { createContext, useCallback, useContext, useRef } from 'hono/jsx/dom'
import type { Address } from './address.js'
import type { Keys } from './again.js'
import { type Api, type Path, Refused } from './api.js'
import type { ClockReading } from './control-answers.js'
import { useEffect, useState } from './hooks.js'
import type { Journal } from './journal.js'
import type { Listeners } from './listeners.js'
import { paced } from './pace.js'
import type { Read } from './reads.js'

/** What can change under a view: a call was answered, it made a merchant, or the sandbox was steered. */
export type Change = 'request' | 'merchant' | 'scenario' | 'clock' | 'hold' | 'delivery'

/** Where the page has its answers from. */
export interface Sources extends Pick<Keys, 'schemes'> {
  readonly api: Api
  readonly journal: Journal
  readonly changes: Listeners<Change>
}

export const SourcesContext = createContext<Sources>(undefined as never)
export const useSources = () => useContext(SourcesContext)

/** What every view has of the page. */
export interface Page extends Sources, Keys {
  /** The chosen merchant's id; empty for every merchant. */
  readonly merchant: string
  readonly clock: Steered<ClockReading>
  /** The call that is open or asked for, and the order that is shown, as the address has them. */
  readonly call: Address['call']
  readonly order: Address['order']
  readonly isLocal: boolean
  /** Shows something else, and keeps it in the address. A view that is not named stays. */
  go(to: Partial<Address>): void
}

export const PageContext = createContext<Page>(undefined as never)
export const usePage = () => useContext(PageContext)

/** How old figures are at most while calls come, in ms: a verdict on 10,000 calls keeps the sandbox busy for 300. */
const MAX_FIGURES_MS = 5000

/** An answer of the control API, asked for anew at each change of these kinds. The last one stays while a new one is read. */
export function useAnswer<Answer>(path: Path<Read>, kinds: readonly Change[] = []) {
  const { api, changes } = useSources()
  const [known, setKnown] = useState<{ path: string; answer: Answer; readAt: number } | undefined>(undefined)
  const [refused, setRefused] = useState<string | undefined>(undefined)
  const asked = useRef(0)
  const ask = useCallback(async () => {
    const nth = ++asked.current!
    const read = await api.get<Answer>(path).catch((error: Error) => error)
    // The answer to an earlier question may come later.
    if (nth !== asked.current) return
    setRefused(read instanceof Error ? read.message : undefined)
    if (!(read instanceof Error)) setKnown({ path, answer: read, readAt: Date.now() })
  }, [path])
  useEffect(() => {
    const updates = paced(ask, MAX_FIGURES_MS)
    updates.ask()
    const leave = changes.on((change) => kinds.includes(change) && updates.ask())
    return () => {
      leave()
      updates.stop()
    }
  }, [path])
  return { answer: known?.path === path ? known.answer : undefined, known, refused, ask }
}

/** An answer as of `useAnswer`, and what changes it: after that it is asked for anew. */
export function useSteered<Answer>(path: Path<Read>, kinds?: readonly Change[]) {
  const { api } = useSources()
  const { ask, refused, ...read } = useAnswer<Answer>(path, kinds)
  const { act, fault, busy } = useAct()
  const send = (...request: Parameters<Api['send']>) =>
    act(async () => {
      await api.send(...request)
      await ask()
    })
  return { ...read, refused: fault?.message ?? refused, send, fault, busy }
}

type Steered<Answer> = ReturnType<typeof useSteered<Answer>>

/** Does something at the sandbox, and keeps the sentence of a refusal. In a file nothing can be done. */
export function useAct() {
  const { api } = useSources()
  const [fault, setFault] = useState<Refused | undefined>(undefined)
  const [busy, setBusy] = useState(false)
  const act = async (work: () => Promise<unknown>): Promise<boolean> => {
    const pressed = document.activeElement as HTMLElement
    setBusy(true)
    try {
      await work()
      setFault(undefined)
      return true
    } catch (error) {
      setFault(error instanceof Refused ? error : new Refused(0, (error as Error).message))
      return false
    } finally {
      setBusy(false)
      // A button loses the focus while it is disabled.
      requestAnimationFrame(() => document.activeElement === document.body && pressed.focus())
    }
  }
  return { act, fault, busy: busy || api.isFile }
}

/** The journal, read anew by a component whenever it changes. */
export function useJournal(): Journal {
  const { journal } = useSources()
  const [, draw] = useState({})
  useEffect(() => journal.changes.on(() => draw({})), [])
  return journal
}
