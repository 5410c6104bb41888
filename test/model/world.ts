import type { Setting } from './setting.ts';
import type { Party, StateKind } from './table.ts';

/** No key, no version, no writer. Everything else is named by its place in its list. */
export const NONE = -1;

/** The ledger's row of the one intent that the model is about. */
export interface Row {
  readonly kind: StateKind;
  readonly attempt: number;
  readonly key: number;
  readonly version: number;
  /** A due row announces it, so that the reconciler will find it. */
  readonly due: boolean;
  /** The worker that wrote this and got no answer: its `writeId` stands in the row. */
  readonly writer: number;
}

/** `deleted`: by one of us. `gone`: by a stranger, in Confluent's own console. */
export interface Key {
  /** 0: the key that a rotation is about to replace. */
  readonly attempt: number;
  readonly fate: 'lives' | 'deleted' | 'gone';
}

export interface Version {
  readonly key: number;
  readonly attempt: number;
  readonly enabled: boolean;
  /** It landed when its key had been deleted already. */
  readonly late: boolean;
}

/**
 * How far the intent is that a rotation replaces; `none` where there is no rotation. It only ever goes onward, so that
 * its state is as good as its ETag. Its key is K0, its version v0.
 */
export type OldKind = 'none' | 'vended' | 'superseded' | 'revoking' | 'revoked';

/** An effect that was sent, got no answer, and may still land. */
export type Late =
  | { readonly kind: 'oldWrite'; readonly from: OldKind; readonly to: OldKind; readonly by: Party }
  | { readonly kind: 'write'; readonly row: Row; readonly by: Party }
  | { readonly kind: 'post'; readonly attempt: number }
  | { readonly kind: 'put'; readonly key: number; readonly attempt: number }
  | { readonly kind: 'delete'; readonly key: number };

/** Where an actor can be; the names are those of `src/vending`, where it has one. */
export const STEPS = [
  // at rest
  'vend',
  'idle',
  'done',
  // the worker
  'claimAttempt',
  'noteDue',
  'mintOnce',
  'nothingMinted',
  'park',
  'recordMinted',
  'giveUpKey',
  'deleteUnstored',
  'storeOnce',
  'lookForStored',
  'abandonStore',
  'recordVended',
  'checkOld',
  'supersede',
  'answer',
  'disableVersions',
  // whoever revokes
  'askRevoke',
  'revoke',
  'disableRevoked',
  'deleteRevoked',
  'disableLeft',
  'closeRevoked',
  'lookForSuccessor',
  'revokeOld',
  'disableOld',
  'deleteOld',
  'disableOldLeft',
  'closeOld',
  // whoever compensates
  'deleteWithProof',
  'refuseDelete',
  'disableStored',
  'closeAsFailed',
  // the reconciler
  'recoverMinting',
  'recoverMinted',
  'adopt',
  'recordUnknown',
  'giveUp',
  'deleteUnrecorded',
  'parkUnknown',
  // the operator
  'deleteOrphan',
  'closeWithoutKey',
] as const;

export type Step = (typeof STEPS)[number];

export interface Actor {
  readonly role: Party;
  readonly step: Step;
  /** Its write was lost or not answered: it is about to read the row again. */
  readonly rereading: boolean;
  /** Nobody wrote the row since it read it: its ETag still matches. */
  readonly fresh: boolean;
  readonly attempt: number;
  readonly key: number;
  readonly version: number;
}

export interface Reference {
  readonly key: number;
  readonly version: number;
}

/** One state of everything. It is never changed: every move makes another one. */
export interface World {
  readonly row: Row;
  /** The last attempt whose lease, and settling time after it, are past. */
  readonly lapsed: number;
  readonly keys: readonly Key[];
  readonly versions: readonly Version[];
  readonly late: readonly Late[];
  readonly actors: readonly Actor[];
  /** How many POSTs each attempt sent. */
  readonly posts: readonly number[];
  /** Every reference that was answered as vended. */
  readonly answers: readonly Reference[];
  readonly old: OldKind;
  /** The overlap of old and new key is over. */
  readonly overlapOver: boolean;
  /** Who revoked the old key was told that no rotation had a key in its place. */
  readonly revokedAlone: boolean;
  /** How many more may happen. */
  readonly faults: number;
}

const actor = (role: Party, step: Step): Actor => ({
  role,
  step,
  rereading: false,
  fresh: false,
  attempt: 0,
  key: NONE,
  version: NONE,
});

export const RESTING: Readonly<Record<Party, Actor>> = {
  worker: actor('worker', 'done'),
  reconciler: actor('reconciler', 'idle'),
  operator: actor('operator', 'idle'),
};

export function beginning({ workers, reconcilers, operator, faults, attempts, rotation, revokes }: Setting): World {
  return {
    row: { kind: 'none', attempt: 0, key: NONE, version: NONE, due: false, writer: NONE },
    lapsed: 0,
    keys: rotation ? [{ attempt: 0, fate: 'lives' }] : [],
    versions: rotation ? [{ key: 0, attempt: 0, enabled: true, late: false }] : [],
    late: [],
    actors: [
      ...Array.from({ length: workers }, () => actor('worker', 'vend')),
      ...Array.from({ length: reconcilers }, () => RESTING.reconciler),
      ...(operator ? [actor('operator', 'idle')] : []),
      ...(revokes === 'nothing' ? [] : [actor('worker', 'askRevoke')]),
    ],
    posts: Array.from({ length: attempts + 1 }, () => 0),
    answers: [],
    old: rotation ? 'vended' : 'none',
    overlapOver: false,
    revokedAlone: false,
    faults,
  };
}
