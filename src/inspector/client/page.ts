import { createContext, useCallback, useContext } from 'hono/jsx/dom'
import type { Address } from './address.js'
import type { Keys } from './again.js'
import { type Api, type Path, Refused } from './api.js'
import type { ClockReading } from './control-answers.js'
import { useEffect, useState } from './hooks.js'
import type { Journal } from './journal.js'
import { newest, paced } from './pace.js'
import type { Read } from './reads.js'

export const VIEWS = ['requests', 'latency', 'wallets', 'scenario', 'deliveries', 'order', 'verdict'] as const
export type View = (typeof VIEWS)[number]

/** What can change under a view: a call was answered, or the sandbox was steered. */
export type Change = 'request' | 'scenario' | 'clock' | 'hold' | 'delivery'

/** Lets views know that something has changed. */
export class Changes {
  readonly #listeners = new Map<() => void, readonly Change[]>()

  on(kinds: readonly Change[], listener: () => void): () => void {
    this.#listeners.set(listener, kinds)
    return () => this.#listeners.delete(listener)
  }

  tell(change: Change): void {
    for (const [listener, kinds] of this.#listeners) if (kinds.includes(change)) listener()
  }
}

/** The sandbox clock, and when it was read: epoch ms of this machine. */
export interface SandboxClock extends ClockReading {
  readonly readAt: number
}

/** What every view has of the page. */
export interface Page extends Keys {
  readonly api: Api
  readonly journal: Journal
  readonly changes: Changes
  /** The chosen merchant's id; empty for every merchant. */
  readonly merchant: string
  readonly clock: SandboxClock | undefined
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
  const { api, changes } = usePage()
  const [known, setKnown] = useState<{ path: string; answer: Answer } | undefined>(undefined)
  const [refused, setRefused] = useState<string | undefined>(undefined)
  const settle = useCallback(
    newest<() => void>((settled) => settled()),
    [],
  )
  const ask = useCallback(() => {
    const known = (answer: Answer) => () => {
      setKnown({ path, answer })
      setRefused(undefined)
    }
    return settle(api.get<Answer>(path).then(known, (error: Error) => () => setRefused(error.message)))
  }, [path])
  useEffect(() => {
    const updates = paced(ask, MAX_FIGURES_MS)
    updates.ask()
    const leave = changes.on(kinds, updates.ask)
    return () => {
      leave()
      updates.stop()
    }
  }, [path])
  return { answer: known?.path === path ? known.answer : undefined, refused, ask }
}

/** Does something at the sandbox, and keeps the sentence of a refusal. In a file nothing can be done. */
export function useAct() {
  const { api } = usePage()
  const [fault, setFault] = useState<Refused | undefined>(undefined)
  const [busy, setBusy] = useState(false)
  const act = async <Result>(work: () => Promise<Result>): Promise<Result | undefined> => {
    const pressed = document.activeElement as HTMLElement
    setBusy(true)
    try {
      const outcome = await work()
      setFault(undefined)
      return outcome
    } catch (error) {
      setFault(error instanceof Refused ? error : new Refused(0, (error as Error).message))
      return undefined
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
  const { journal } = usePage()
  const [, setVersion] = useState(journal.version)
  useEffect(() => journal.subscribe(() => setVersion(journal.version)), [])
  return journal
}
