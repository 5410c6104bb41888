const CAPACITY = 1_000;

/** The latest messages by id, settled ones too, so that one can be delivered again. */
export class RecentMessages<M> {
  readonly #messages = new Map<string, M>();

  remember(id: string, message: M): void {
    this.#messages.delete(id);
    this.#messages.set(id, message);
    const [oldest] = this.#messages.keys();
    if (this.#messages.size > CAPACITY && oldest !== undefined) this.#messages.delete(oldest);
  }

  find(id: string): M | undefined {
    return this.#messages.get(id);
  }
}
