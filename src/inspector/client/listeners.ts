/** Those that want to know of something when it happens. */
export class Listeners<News = void> {
  readonly #listeners = new Set<(news: News) => void>()

  on(listener: (news: News) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  tell(news: News): void {
    for (const listener of this.#listeners) listener(news)
  }
}
