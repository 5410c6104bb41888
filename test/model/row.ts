import type { AttemptName, Credential, Previous, SecretReference, Work } from '../../src/vending/model/credential.ts';
import type { KeyRecord } from '../../src/vending/model/resources.ts';
import { ABSENCE_PROVES_MS } from '../../src/vending/model/timings.ts';
import type { CredentialDraft } from '../../src/vending/model/transitions.ts';
import type { Setting } from './setting.ts';

/** No key, or no version. */
export const NONE = -1;

/**
 * Time is counted in attempts: lease and settling time of attempt n are over at `n * ATTEMPT_MS`. A date that does not
 * depend on leases lies far ahead until it passes; then it is moved to the past in every copy of the row.
 */
export const ATTEMPT_MS = 10_000_000;
export const AHEAD = 1_000_000_000_000;
export const PAST = 0;

/** After two of them the keys of an attempt are old. */
export const MINUTE_MS = ABSENCE_PROVES_MS / 2;

export const settleMs = ({ youth }: Setting): number => (youth ? MINUTE_MS : ABSENCE_PROVES_MS);
/** With `youth` the keys of an attempt are old later than its lease is over; without it, at once. */
export const leaseEnd = (setting: Setting, attempt: number): number =>
  attempt * ATTEMPT_MS - settleMs(setting) - (setting.youth ? 0 : ABSENCE_PROVES_MS);

/** A nonce is what the attempt's number lags behind, so that name and nonce together count the attempts. */
export const countOf = ({ attempt, nonce }: AttemptName): number => attempt + Number(nonce);

export const keyId = (key: number): string => `K${key}`;
export const keyNumber = (id: string): number => Number(id.slice(1));
const records: KeyRecord[] = [];
export const keyRecord = (key: number): KeyRecord => {
  const known = records[key];
  if (known !== undefined) return known;
  const record: KeyRecord = { id: keyId(key), metadata: {}, spec: {} };
  records[key] = record;
  return record;
};
export const secretAt = (version: number): SecretReference => ({ id: 'secret', version: String(version) });

const target = {
  subscriptionId: 'subscription',
  resourceGroupName: 'group',
  organizationName: 'organization',
  environmentId: 'environment',
  clusterId: 'cluster',
};

/** The draft of a first claim. Every place is a secret name. */
export const draftOf = ({ expiry }: Setting, place: number): CredentialDraft => ({
  id: 'credential',
  caller: 'caller',
  requestHash: 'hash',
  target,
  name: 'name',
  vaultUrl: 'https://vault',
  secretName: String(place),
  secretFormat: 'secret',
  grant: { rule: 'rule', overlapMs: AHEAD, revokeAtExpiry: expiry },
});

/** A credential that has a current key, and a previous one if it had two attempts. */
export function firstRow(setting: Setting, had: number): Credential {
  const row = rowWith(setting, had - 1, had, '0');
  return had === 2 ? { ...row, previous: previousOf(0, { attempt: 1, nonce: '0' }, 0) } : row;
}

export const rowWith = (setting: Setting, key: number, attempt: number, nonce: string, version = key): Credential => ({
  ...draftOf(setting, 0),
  createdAt: 0,
  attempts: attempt,
  current: {
    attempt,
    nonce,
    key: keyRecord(key),
    secret: secretAt(version),
    vendedAt: 0,
    ...(setting.expiry && key === 0 && { expiresOn: AHEAD }),
  },
  holdsName: true,
  sequence: 1,
  writeId: '',
});

export const previousOf = (key: number, name: AttemptName, version: number): Previous => ({
  ...name,
  keyId: keyId(key),
  vendedAt: 0,
  secret: secretAt(version),
  revokeAt: AHEAD,
});

/** A row in numbers. */
export interface View {
  readonly exists: boolean;
  readonly current: number;
  readonly currentAttempt: number;
  readonly currentVersion: number;
  readonly previous: number;
  readonly previousAttempt: number;
  readonly previousVersion: number;
  readonly isOverlapOver: boolean;
  readonly phase: Work['phase'] | undefined;
  readonly workAttempt: number;
  readonly workKey: number;
  readonly workVersion: number;
  readonly request: number;
  readonly claimedBy: number;
  readonly isRevoked: boolean;
  readonly isChecked: boolean;
  readonly isClosed: boolean;
  readonly isIdle: boolean;
  readonly place: number;
  /** All of it that has a future. */
  readonly code: readonly number[];
}

const PHASES = { minting: 1, minted: 2, compensating: 3, unknown: 4 } as const;

function read(row: Credential | undefined): View {
  const { current, previous, work, revocation, closed } = row ?? {};
  const parts = {
    exists: row !== undefined,
    current: current === undefined ? NONE : keyNumber(current.key.id),
    currentAttempt: current === undefined ? 0 : countOf(current),
    currentVersion: current === undefined ? NONE : Number(current.secret.version),
    previous: previous === undefined ? NONE : keyNumber(previous.keyId),
    previousAttempt: previous === undefined ? 0 : countOf(previous),
    previousVersion: previous === undefined ? NONE : Number(previous.secret.version),
    isOverlapOver: previous !== undefined && previous.revokeAt < AHEAD,
    phase: work?.phase,
    workAttempt: work === undefined ? 0 : countOf(work),
    workKey: work?.keyId === undefined ? NONE : keyNumber(work.keyId),
    workVersion: work?.secret === undefined ? NONE : Number(work.secret.version),
    request: Number(work?.rotation?.requestKey ?? 0),
    claimedBy: work === undefined ? NONE : Number(work.claimId),
    isRevoked: revocation !== undefined,
    isChecked: revocation?.checkedAt !== undefined,
    isClosed: closed !== undefined,
    isIdle: current === undefined && previous === undefined && work === undefined,
    place: Number(row?.secretName ?? 0),
  };
  return { ...parts, code: codeOf(row, parts) };
}

function codeOf(row: Credential | undefined, v: Omit<View, 'code'>): readonly number[] {
  const { current, work, failure, sweepAt, holdsName, attempts = 0 } = row ?? {};
  const expires = current?.expiresOn === undefined ? 0 : current.expiresOn < AHEAD ? 1 : 2;
  const flags = [v.exists, v.isOverlapOver, v.isRevoked, v.isChecked, v.isClosed, failure?.urgent, holdsName, v.place];
  return [
    ((attempts * 8 + v.current + 1) * 8 + v.currentAttempt) * 8 + v.currentVersion + 1,
    (v.previous + 1) * 64 + v.previousAttempt * 8 + v.previousVersion + 1,
    flags.reduce<number>((sum, flag) => sum * 2 + Number(flag ?? 0), 0) * 3 + expires,
    sweepAt === undefined ? 0 : 1 + Math.floor(sweepAt / MINUTE_MS),
    work === undefined ? 0 : PHASES[work.phase] * 16 + Number(work.purpose === 'rotate') * 8 + v.request,
    work === undefined ? 0 : (v.workAttempt * 16 + v.workKey + 1) * 16 + v.workVersion + 1,
  ];
}

const NO_ROW = read(undefined);
const views = new WeakMap<Credential, View>();
export function viewOf(row: Credential | undefined): View {
  if (row === undefined) return NO_ROW;
  const known = views.get(row);
  if (known !== undefined) return known;
  const view = read(row);
  views.set(row, view);
  return view;
}

const name = (key: number): string => (key === NONE ? '' : ` K${key}`);
export function show(row: Credential | undefined): string {
  const v = viewOf(row);
  if (!v.exists) return 'no row';
  return [
    `attempts ${row?.attempts ?? 0}`,
    ...(v.current === NONE ? [] : [`current${name(v.current)}`]),
    ...(v.previous === NONE ? [] : [`previous${name(v.previous)}${v.isOverlapOver ? ' past its date' : ''}`]),
    ...(v.phase === undefined ? [] : [`${v.phase} a${v.workAttempt}${name(v.workKey)}`]),
    ...(v.isClosed ? ['closed'] : v.isChecked ? ['revocation, checked'] : v.isRevoked ? ['revocation'] : []),
  ].join(', ');
}
