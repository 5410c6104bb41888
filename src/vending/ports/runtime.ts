export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(ms: number): Promise<void>;
}

/** The clock of an invocation, which the host ends at its time. */
export interface InvocationClock extends Clock {
  /** Milliseconds that are left; infinite outside of an invocation. */
  timeLeft(): number;
}

export interface Ids {
  /** A fresh id for one commit, never used twice: a UUID. */
  writeId(): string;
  /** Six random characters of base32 for one attempt. */
  nonce(): string;
}

/**
 * Runs work that the answer does not wait for and that may be left undone: a process that ends takes it along. Returns at
 * once. A failure of the work is dropped.
 */
export type BackgroundTasks = (work: () => Promise<void>) => void;
