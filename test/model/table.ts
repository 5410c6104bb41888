import type { IntentStateKind } from '../../src/vending/intent.ts';

/** `none`: the ledger has no row of this intent (not yet, or not any more). */
export type StateKind = 'none' | IntentStateKind;

/** Who may move an intent on. */
export type Party = 'worker' | 'reconciler' | 'operator';

/** One state of one intent, as far as the table speaks of it. */
export interface StateOf {
  readonly kind: StateKind;
  /** 0 for `none`. */
  readonly attempt: number;
  /** The key that the row names as the one of this attempt. */
  readonly keyId?: string | undefined;
}

/** What becomes of the key in the row: it names none, names one from now on, goes on naming it, or drops it. */
export type KeyRule = 'none' | 'new' | 'same' | 'dropped';

export interface Transition {
  readonly from: readonly StateKind[];
  readonly by: readonly Party[];
  /** The event and its guard. */
  readonly when: string;
  readonly to: StateKind;
  readonly key: readonly KeyRule[];
  /** Forgets what is closed, or moves a date: it touches neither key nor secret, and the model leaves it out. */
  readonly bookkeeping?: true;
}

const row = (
  from: readonly StateKind[],
  by: readonly Party[],
  when: string,
  to: StateKind,
  ...key: readonly KeyRule[]
): Transition => ({ from, by, when, to, key });

const WORKER: readonly Party[] = ['worker'];
const RECONCILER: readonly Party[] = ['reconciler'];
const OPERATOR: readonly Party[] = ['operator'];
const WORKER_OR_RECONCILER: readonly Party[] = ['worker', 'reconciler'];
const WORKER_OR_OPERATOR: readonly Party[] = ['worker', 'operator'];
const ANYONE: readonly Party[] = ['worker', 'reconciler', 'operator'];

/**
 * Every change of state that the ledger may ever show. Only a claim begins a new attempt. The reconciler and the
 * operator act when the lease and the settling time after it are past.
 */
export const TABLE: readonly Transition[] = [
  row(['none', 'failed'], WORKER, 'a request claims the next attempt, before anything is sent', 'minting', 'none'),
  row(['minting', 'unknown'], WORKER, 'its POST provably minted nothing', 'failed', 'none'),
  row(['minting'], WORKER, 'its POST ended ambiguously', 'unknown', 'none'),
  row(['minting'], WORKER, 'a usable key was minted', 'minted', 'new'),
  row(['minting', 'unknown'], WORKER, 'it holds a key that the vault does not have', 'compensating', 'new'),
  row(['minted'], WORKER, 'it holds a key that the vault does not have', 'compensating', 'same'),
  row(['minting', 'unknown'], WORKER, 'it holds the version that the vault confirmed', 'vended', 'new'),
  row(['minted'], WORKER, 'it holds the version that the vault confirmed', 'vended', 'same'),

  row(['compensating'], ANYONE, 'the key is proven gone, and what was stored is disabled', 'failed', 'dropped'),
  row(['compensating'], ANYONE, 'Confluent refuses the DELETE, and the key can be seen', 'unknown', 'same'),

  row(['minting'], RECONCILER, 'a version in force names the key, and the key lives', 'vended', 'new'),
  row(['minting'], RECONCILER, 'a version in force names the key, and the key is gone', 'compensating', 'new'),
  row(['minting'], RECONCILER, 'the look-up succeeded and found no version', 'unknown', 'none'),
  row(['minted'], RECONCILER, 'a version is in force, and the key lives', 'vended', 'same'),
  row(['minted'], RECONCILER, 'the look-up found no version, or the key is gone', 'compensating', 'same'),
  row(['unknown'], RECONCILER, 'it is left to an operator, out of the way of what is due', 'unknown', 'none', 'same'),
  { ...row(['failed'], RECONCILER, 'what landed late was swept', 'failed', 'none'), bookkeeping: true },
  { ...row(['failed'], RECONCILER, 'its retention is over', 'none', 'none'), bookkeeping: true },

  row(['vended'], WORKER_OR_RECONCILER, 'the rotation that replaces it is vended', 'superseded', 'same'),
  row(['vended'], WORKER_OR_OPERATOR, 'its caller, an event or an operator revokes it', 'revoking', 'same'),
  row(['superseded'], ANYONE, 'its overlap is over, or it is revoked before', 'revoking', 'same'),
  row(['revoking'], ANYONE, 'the key is proven gone, and what was stored is disabled', 'revoked', 'dropped'),
  { ...row(['vended'], RECONCILER, 'the day of its next rotation is moved', 'vended', 'same'), bookkeeping: true },
  { ...row(['revoking'], ANYONE, 'what is not decided is tried again later', 'revoking', 'same'), bookkeeping: true },
  {
    ...row(['compensating'], RECONCILER, 'what is not decided is tried again later', 'compensating', 'same'),
    bookkeeping: true,
  },
  { ...row(['minting'], RECONCILER, 'what is not decided is tried again later', 'minting', 'none'), bookkeeping: true },
  { ...row(['minted'], RECONCILER, 'what is not decided is tried again later', 'minted', 'same'), bookkeeping: true },
  { ...row(['revoked'], RECONCILER, 'what landed late was swept', 'revoked', 'none'), bookkeeping: true },
  { ...row(['revoked'], RECONCILER, 'its retention is over', 'none', 'none'), bookkeeping: true },

  { ...row(['vended'], ANYONE, 'its event was told', 'vended', 'same'), bookkeeping: true },
  { ...row(['revoked'], ANYONE, 'its event was told', 'revoked', 'none'), bookkeeping: true },
  { ...row(['failed'], ANYONE, 'its event was told', 'failed', 'none'), bookkeeping: true },
  { ...row(['unknown'], ANYONE, 'its event was told', 'unknown', 'none', 'same'), bookkeeping: true },

  row(['unknown'], OPERATOR, 'the key that is named carries the marker of the attempt', 'compensating', 'new', 'same'),
  row(
    ['unknown'],
    OPERATOR,
    'every key that ledger or vault name is gone, and what they left is disabled',
    'failed',
    'none',
    'dropped',
  ),
];

/** The rows of the table that allow this change of state. */
export function rowsFor(from: StateOf, to: StateOf, by: Party): readonly Transition[] {
  const key = keyRuleOf(from.keyId, to.keyId);
  return TABLE.filter(
    (one) =>
      one.from.includes(from.kind) &&
      one.to === to.kind &&
      one.by.includes(by) &&
      to.attempt === attemptAfter(from, one.to) &&
      key !== undefined &&
      one.key.includes(key),
  );
}

export const allows = (from: StateOf, to: StateOf, by: Party): boolean => rowsFor(from, to, by).length > 0;

function attemptAfter({ kind, attempt }: StateOf, to: StateKind): number {
  if (to === 'none') return 0;
  return to === 'minting' && kind !== 'minting' ? attempt + 1 : attempt;
}

/** Undefined where one key takes the place of another: no row may do that. */
function keyRuleOf(from: string | undefined, to: string | undefined): KeyRule | undefined {
  if (from === undefined) return to === undefined ? 'none' : 'new';
  if (to === undefined) return 'dropped';
  return from === to ? 'same' : undefined;
}
