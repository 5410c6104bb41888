import type { AttemptName } from '../model/credential.ts';
import { markerOf } from '../model/idempotency.ts';
import { type Problem, problemOf } from '../model/problems.ts';
import type { Stored } from '../ports/ledger.ts';

/**
 * What an attempt came to.
 *
 * `overtaken`: somebody else's row was there first, and nothing was sent. `mayClaim` says whether another claim is safe.
 */
export type AttemptResult =
  | { readonly kind: 'vended'; readonly row: Stored }
  | { readonly kind: 'problem'; readonly attempt: number; readonly problem: Problem }
  | { readonly kind: 'overtaken'; readonly row: Stored | undefined; readonly mayClaim: boolean }
  | { readonly kind: 'taken'; readonly by: 'name' | 'rotation' };

export const problem = (number: number, why: Problem): AttemptResult => ({
  kind: 'problem',
  attempt: number,
  problem: why,
});
export const failedWith = ({ attempt: number }: AttemptName, why: Problem): AttemptResult => problem(number, why);

export function outcomeUnknown(id: string, work: AttemptName): Problem {
  return problemOf(
    'outcome-unknown',
    `No answer proved whether a key was minted. If one was, its description ends in "${markerOf(id, work)}". An operator has to look; nothing is tried again by itself.`,
  );
}
