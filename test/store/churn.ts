import { expect } from 'vitest'

/** Sends a request to a sandbox over which a data folder lies. */
type Send = (path: string, init?: RequestInit) => Promise<Response>

const AT_ONCE = 5

/** One merchant's customers as a client knows them, while the merchant is changed, reset, replaced, dropped and made anew. */
class Client {
  readonly id: string
  readonly key: string
  /** Customers that were acknowledged and that nothing has taken away since. */
  certain = new Set<string>()
  /** Whether something was under way that takes customers away. */
  doubtful = false
  #count = 0
  readonly #send: Send
  readonly #isMade: boolean

  constructor(send: Send, id: string, isMade: boolean) {
    this.#send = send
    this.id = id
    this.key = isMade ? `test_${id}_juspay` : id
    this.#isMade = isMade
  }

  get #headers() {
    return { authorization: `Basic ${btoa(`${this.key}:`)}`, 'content-type': 'application/x-www-form-urlencoded' }
  }

  async #post(): Promise<void> {
    const reference = `${this.id} ${this.#count++}`
    const body = new URLSearchParams({ object_reference_id: reference }).toString()
    const { status } = await this.#send('/customers', { method: 'POST', headers: this.#headers, body })
    if (status === 200) this.certain.add(reference)
  }

  #control(path: string, method: string, body?: object) {
    const json = { 'content-type': 'application/json' }
    return this.#send(`/_sandbox/merchants${path}`, {
      method,
      ...(body && { headers: json, body: JSON.stringify(body) }),
    })
  }

  async #takeAway(random: number): Promise<void> {
    const at = `/${this.id}`
    if (random < 0.25) await this.#control(`${at}/reset`, 'POST', {})
    else if (random < 0.5) await this.#control(`${at}/state`, 'PUT', { merchants: [{ id: this.id }] })
    else {
      await this.#control(at, 'DELETE')
      if (this.#isMade) await this.#control('', 'POST', { id: this.id })
    }
  }

  /** One round: posts alone, then posts while something takes customers away. Ends early when the process is killed. */
  async round(): Promise<void> {
    const posts = () => Promise.all(Array.from({ length: AT_ONCE }, () => this.#post()))
    if (this.#isMade && this.#count === 0) await this.#control('', 'POST', { id: this.id })
    await posts()
    this.doubtful = true
    const during = posts()
    during.catch(() => {}) // The process may be killed first.
    await this.#takeAway(Math.random())
    await during
    // What came meanwhile is there or not.
    this.certain = new Set()
    this.doubtful = false
    await posts()
  }

  /** What the sandbox now has of it, which holds all that is certain and nothing of others. */
  async verify(send: Send): Promise<void> {
    if (this.doubtful || this.certain.size === 0) return
    const response = await send(`/_sandbox/merchants/${this.id}/state`)
    const { merchants } = (await response.json()) as { merchants: { customers?: { objectReferenceId?: string }[] }[] }
    const references = (merchants[0]!.customers ?? []).map(({ objectReferenceId = '' }) => objectReferenceId)
    const made = references.filter((reference) => /^\S+ \d+$/.test(reference))
    expect(made).toEqual(expect.arrayContaining([...this.certain]))
    expect(made.filter((reference) => !reference.startsWith(`${this.id} `))).toEqual([])
  }
}

/** Merchants of both kinds, each with a client. @param name tells those of several folders apart */
export const clientsOf = (send: Send, name: string): readonly Client[] =>
  [1, 2, 3].flatMap((n) => [
    new Client(send, `sandbox_${name}_${n}`, false),
    new Client(send, `made_${name}_${n}`, true),
  ])
