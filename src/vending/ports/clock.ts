export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(ms: number): Promise<void>;
}

export interface Ids {
  /** A fresh id for one compare-and-set, never used twice. */
  writeId(): string;
}
