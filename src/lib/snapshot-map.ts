import { BoundedMap } from './bounded-map.js'

/** What was replaced between a snapshot and the one after it, as it was at the first of the two. */
interface Epoch<Value> {
  readonly replaced: Map<string, Value | undefined>
  next?: Epoch<Value>
}

/** A map whose snapshots copy nothing: a change keeps what it replaced while one needs it. No value is undefined. */
export class SnapshotMap<Value> extends BoundedMap<Value> {
  /** Since the latest snapshot; none before the first. */
  #epoch: Epoch<Value> | undefined

  #note(key: string): void {
    if (this.#epoch && !this.#epoch.replaced.has(key)) this.#epoch.replaced.set(key, this.get(key))
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
    if (this.#epoch?.replaced.size !== 0) {
      const next: Epoch<Value> = { replaced: new Map() }
      if (this.#epoch) this.#epoch.next = next
      this.#epoch = next
    }
    const first = this.#epoch
    return () => {
      const replaced = new Map<string, Value | undefined>()
      for (let epoch: Epoch<Value> | undefined = first; epoch; epoch = epoch.next)
        for (const [key, before] of epoch.replaced) if (!replaced.has(key)) replaced.set(key, before)
      const then = new SnapshotMap<Value>()
      for (const [key, value] of [...this, ...replaced]) {
        const before = replaced.has(key) ? replaced.get(key) : value
        if (before !== undefined) then.set(key, before)
      }
      return then
    }
  }
}
