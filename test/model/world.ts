import type { Credential } from '../../src/vending/model/credential.ts';
import { firstRow, NONE } from './row.ts';
import type { Setting } from './setting.ts';
import type { Step } from './steps.ts';

/** Keys of versions that are not ours: the secret of the second credential, and one that somebody set by hand. */
export const OTHER = 99;
export const BY_HAND = 98;
/** Keys that forged tags and rows name: the living key of another credential, and a key that is gone. */
export const FOREIGN = 6;
export const DEAD = 5;

/**
 * Attempts are counted as they were claimed, over all that the ledger forgot. Keys and versions are counted as they came
 * to exist; a key is the number in its id.
 */
export interface Key {
  readonly attempt: number;
  /** `gone`: a stranger deleted it. */
  readonly fate: 'live' | 'deleted' | 'gone';
  /** Nobody can know of it, or an operator overlooked it: exempt until that is corrected. */
  readonly isMissed: boolean;
  /** The ledger forgot it. */
  readonly isLost: boolean;
}

export interface Version {
  readonly key: number;
  readonly attempt: number;
  /** Its tags: the attempt and the key, 0 and NONE where they say nothing. Tags can be replaced, copied and forged. */
  readonly tag: number;
  readonly tagKey: number;
  readonly enabled: boolean;
  /** Its key was dead when it landed, so only a sweep finds it. */
  readonly isLate: boolean;
  /** Its tags are wrong, and a row named it then or later. */
  readonly isKnown: boolean;
  /** The secret name that it lies under. Policy may give a later attempt another one. */
  readonly place: number;
}

/** An effect that was sent, and lands later or never. */
export type Late =
  | { readonly kind: 'commit'; readonly by: number; readonly row: Credential }
  | { readonly kind: 'post'; readonly attempt: number }
  | { readonly kind: 'put'; readonly attempt: number; readonly key: number; readonly place: number }
  | { readonly kind: 'delete'; readonly key: number };

export type Role = 'vend' | 'rotate' | 'revoke' | 'end' | 'reconciler' | 'operator' | 'other';

export interface Actor {
  readonly role: Role;
  readonly step: Step;
  /** The request key of a rotation; 0 for none. */
  readonly request: number;
  /** The attempt, the key and the version that it works on. */
  readonly attempt: number;
  readonly key: number;
  readonly version: number;
  /** The keys that a revocation has proven gone, as bits: 1 for current, 2 for previous. */
  readonly gone: number;
  /** Nobody wrote the row since it read it: its ETag still matches. */
  readonly isFresh: boolean;
  /** The row that it read, where no ETag guards the write. */
  readonly basis?: Credential | undefined;
}

/** Everything that there is at one moment. No world changes: every move makes another one. */
export interface World {
  readonly row: Credential | undefined;
  /** How many attempts were claimed, over all that the ledger forgot. */
  readonly claimed: number;
  /** The last attempt whose lease and settling time are over. */
  readonly lapsed: number;
  /** With `youth`: how many minutes ago that was, up to 2. */
  readonly minutes: number;
  readonly isDark: Setting['outage'];
  readonly keys: readonly Key[];
  readonly versions: readonly Version[];
  readonly late: readonly Late[];
  readonly actors: readonly Actor[];
  /** How many POSTs each attempt sent. */
  readonly posts: readonly number[];
  /** By request key of a rotation: the attempt that was answered as vended, that its request row names, that was vended for it. */
  readonly answered: readonly number[];
  readonly requests: readonly number[];
  readonly vendedFor: readonly number[];
  readonly isPruned: boolean;
  /** The second credential has the name. */
  readonly isTaken: boolean;
  /** The ledger lost rows. Attempts up to `forgotten` were claimed before. The numbers of later ones lag behind by `shift`. */
  readonly isLost: boolean;
  readonly forgotten: number;
  readonly shift: number;
  readonly isForged: boolean;
  readonly wrong: string;
  readonly faults: number;
}

/** One thing that can happen next. */
export type Move = readonly [says: string, world: World];

export const actorOf = (role: Role, step: Step, request = 0, key = NONE): Actor => ({
  role,
  step,
  request,
  attempt: 0,
  key,
  version: NONE,
  gone: 0,
  isFresh: false,
});

/** Where an actor of this role goes when there is nothing more to do. */
export const restOf = (role: Role): Step =>
  role === 'reconciler' || role === 'operator' || role === 'other' ? 'idle' : 'done';

export const isResting = ({ step }: Actor): boolean =>
  step === 'ask' || step === 'insert' || step === 'idle' || step === 'done';

const times = <Item>(count: number, make: () => Item): readonly Item[] => Array.from({ length: count }, make);

export const HAD = { nothing: 0, current: 1, previous: 2 } as const;

export function beginning(setting: Setting): World {
  const had = HAD[setting.have];
  const keys = Array.from({ length: had }, (_, n): Key => keyOf(n + 1));
  return {
    row: had === 0 ? undefined : firstRow(setting, had),
    claimed: had,
    lapsed: had,
    minutes: 2,
    isDark: undefined,
    keys,
    versions: keys.map(({ attempt }, key) => versionOf(key, attempt)),
    late: [],
    actors: [
      ...times(setting.vends, () => actorOf('vend', 'insert')),
      ...setting.rotations.map((request) => actorOf('rotate', 'ask', request)),
      ...times(setting.revocations, () => actorOf('revoke', 'ask')),
      ...times(setting.ends, () => actorOf('end', 'ask', 0, had === 2 ? 0 : NONE)),
      ...times(setting.reconcilers, () => actorOf('reconciler', 'idle')),
      ...times(Number(setting.operator), () => actorOf('operator', 'idle')),
      ...times(Number(setting.second), () => actorOf('other', 'idle')),
    ],
    posts: Array.from({ length: setting.attempts + 1 }, () => 0),
    answered: [0, 0, 0],
    requests: [0, 0, 0],
    vendedFor: [0, 0, 0],
    isPruned: false,
    isTaken: false,
    isLost: false,
    forgotten: 0,
    shift: 0,
    isForged: false,
    wrong: '',
    faults: setting.faults,
  };
}

export const keyOf = (attempt: number): Key => ({ attempt, fate: 'live', isMissed: false, isLost: false });

export const versionOf = (key: number, attempt: number, tag = attempt, place = 0): Version => ({
  key,
  attempt,
  tag,
  tagKey: key,
  enabled: true,
  isLate: false,
  isKnown: false,
  place,
});
