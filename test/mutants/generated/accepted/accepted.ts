import type { Change } from '../changes.ts';

/** A change that no test has to notice, and why. */
export interface Accepted {
  readonly file: string;
  /** The line that it changes, as it stands. */
  readonly code: string;
  readonly was: string;
  readonly now: string;
  readonly reason: string;
}

export const matches = (accepted: Accepted, change: Change): boolean =>
  accepted.file === change.file &&
  accepted.code === change.code &&
  accepted.was === change.was &&
  accepted.now === change.now;

/** Several changes of one line, accepted for one reason. */
export const acceptedIn =
  (file: string, code: string, reason: string) =>
  (was: string, now: string): Accepted => ({ file, code, was, now, reason });
