/** What a change replaced, and the change that followed it. */
interface Replaced<Value> {
  readonly key: string
  readonly before: Value | undefined
  next: Replaced<Value> | undefined
}

/**
 * A map whose snapshots copy nothing: a change keeps what it replaced for as long as there is a snapshot from before it.
 * No value is undefined.
 */
export class SnapshotMap<Value> extends Map<string, Value> {
  /** Nothing before the first snapshot. */
  #last: Replaced<Value> | undefined

  #note(key: string): void {
    if (this.#last) this.#last = this.#last.next = { key, before: this.get(key), next: undefined }
  }

  override set(key: string, value: Value): this {
    this.#note(key)
    return super.set(key, value)
  }

  override delete(key: string): boolean {
    this.#note(key)
    return super.delete(key)
  }

  override clear(): void {
    for (const key of this.keys()) this.#note(key)
    super.clear()
  }

  /** The map as it is now, made when it is asked for. */
  snapshot(): () => SnapshotMap<Value> {
    this.#last ??= { key: '', before: undefined, next: undefined }
    const now = this.#last
    return () => {
      const replaced = new Map<string, Value | undefined>()
      for (let { next } = now; next !== undefined; next = next.next)
        if (!replaced.has(next.key)) replaced.set(next.key, next.before)
      const then = new SnapshotMap<Value>()
      for (const [key, value] of [...this, ...replaced]) {
        const before = replaced.has(key) ? replaced.get(key) : value
        if (before !== undefined) then.set(key, before)
      }
      return then
    }
  }
}
