import { ATTEMPT_TRANSITIONS } from './attempt-transitions.ts';
import { type Credential, isIdle } from './credential.ts';
import { KEY_TRANSITIONS } from './key-transitions.ts';
import { OPERATOR_TRANSITIONS } from './operator-transitions.ts';
import type { Moment } from './timings.ts';
import type { Transition } from './transition.ts';

export { keysAreOld, keysAreOldFrom } from './conditions.ts';
export {
  apply,
  type CredentialDraft,
  type FirstClaim,
  type FoundKey,
  type Party,
  type RecoveredKey,
  type Recovery,
  type RotationClaim,
  type ToCompensate,
  type Transition,
  type Unstamped,
  type Vended,
} from './transition.ts';

/** Every change of a credential that the ledger may ever show. */
export const TRANSITIONS = { ...ATTEMPT_TRANSITIONS, ...OPERATOR_TRANSITIONS, ...KEY_TRANSITIONS } as const;

export type TransitionName = keyof typeof TRANSITIONS;
export const TRANSITION_NAMES = Object.keys(TRANSITIONS) as [TransitionName, ...TransitionName[]];

/** @throws Error for a transition that is not in the table */
export function transitionNameOf(transition: Transition<never>): TransitionName {
  const name = TRANSITION_NAMES.find((each) => TRANSITIONS[each] === transition);
  if (name === undefined) throw new Error('The table has no such transition.');
  return name;
}

/** Says whether everything about the credential may be forgotten. */
export function mayPrune(row: Credential, { now, timings }: Moment): boolean {
  const { revocation, closed, failure, sweepAt } = row;
  if (!isIdle(row) || sweepAt !== undefined) return false;
  const since = revocation === undefined ? (failure?.since ?? row.createdAt) : closed?.since;
  return since !== undefined && now >= since + timings.retentionMs;
}
