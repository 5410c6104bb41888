/** When what comes due, in ms since the epoch. */
export class Deadlines<K> {
  readonly #times = new Map<K, number>();

  set(key: K, time: number): void {
    this.#times.set(key, time);
  }

  delete(key: K): boolean {
    return this.#times.delete(key);
  }

  /** What is due, the earliest first. */
  due(now: number): K[] {
    const due: [K, number][] = [];
    for (const entry of this.#times) if (entry[1] <= now) due.push(entry);
    return due.sort(([, a], [, b]) => a - b).map(([key]) => key);
  }

  /** Infinity: nothing is pending. */
  earliest(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const time of this.#times.values()) earliest = Math.min(earliest, time);
    return earliest;
  }
}
