import { randomUUID } from 'node:crypto';
import { Deadlines } from './deadlines.ts';

/** Which message each lock holds, and until when. */
export class Locks {
  readonly #held = new Map<string, number>();
  readonly #ends = new Deadlines<string>();

  /** Returns the token of the new lock. Times: ms since the epoch. */
  acquire(sequenceNumber: number, until: number): string {
    const token = randomUUID();
    this.#held.set(token, sequenceNumber);
    this.#ends.set(token, until);
    return token;
  }

  /** False: the lock is lost. */
  renew(token: string, until: number): boolean {
    if (!this.#held.has(token)) return false;
    this.#ends.set(token, until);
    return true;
  }

  /** The sequence number of what it held; undefined: the lock was lost already. */
  release(token: string): number | undefined {
    const sequenceNumber = this.#held.get(token);
    this.#held.delete(token);
    this.#ends.delete(token);
    return sequenceNumber;
  }

  /** The locks that have lapsed by then, the earliest first. */
  lapsed(now: number): string[] {
    return this.#ends.due(now);
  }

  earliestEnd(): number {
    return this.#ends.earliest();
  }
}
