/** Message ids seen within the window. A duplicate does not prolong the window of the first. */
export class DuplicateHistory {
  readonly #windowMs: number;
  readonly #seenAt = new Map<string, number>();

  /** 0 ms: there are no duplicates. */
  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  /** Returns whether the id was seen within the window, and records it. */
  saw(id: string, now: number): boolean {
    for (const [oldest, seenAt] of this.#seenAt) {
      if (now - seenAt < this.#windowMs) break;
      this.#seenAt.delete(oldest);
    }
    if (this.#seenAt.has(id)) return true;
    if (this.#windowMs > 0) this.#seenAt.set(id, now);
    return false;
  }
}
