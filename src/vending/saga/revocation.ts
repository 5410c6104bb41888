import { type Credential, namedKeys, type SecretReference } from '../model/credential.ts';
import { problemOf } from '../model/problems.ts';
import type { UpstreamTrace } from '../model/tracing.ts';
import { type FoundKey, TRANSITIONS } from '../model/transitions.ts';
import type { Stored } from '../ports/ledger.ts';
import { type Committed, commit, commitWhileAllowed } from './commit.ts';
import { compensate } from './compensate.ts';
import type { Context } from './context.ts';
import { deleteKey, disableVersion, logNotDeleted, noteGone } from './deletion.ts';
import { findUnnamedKey } from './unnamed-keys.ts';

/**
 * The progress of a step. `row`: the latest row that is known. `open`: something is not proven yet. `deferred`: the step
 * did nothing. It stays due, without a pause.
 */
export interface Progress {
  readonly kind: 'done' | 'open' | 'deferred';
  readonly row: Stored;
  readonly upstream?: UpstreamTrace;
}

/**
 * Goes on with a revocation: deletes current and previous, disables their versions, and asks the vault for living keys of
 * this credential that the row does not name. An attempt under way is left to its worker, which meets the revocation.
 *
 * Every step may be repeated. The commit after which nothing is left closes the credential.
 */
export async function continueRevocation(ctx: Context, row: Stored): Promise<Progress> {
  const gone: string[] = [];
  let upstream: UpstreamTrace | undefined;
  for (const key of keysOf(row.credential)) {
    const retired = await retire(ctx, row.credential, key);
    if (retired === 'gone') gone.push(key.keyId);
    else upstream ??= retired;
  }
  const isLast =
    upstream === undefined && row.credential.work === undefined && row.credential.revocation?.checkedAt === undefined;
  const look = isLast ? await findUnnamedKey(ctx, row.credential) : undefined;
  if (look?.kind === 'unclear') upstream ??= look.upstream;
  const checked = look?.kind === 'none';
  if (gone.length === 0 && !checked && look?.kind !== 'found') return progress(row, upstream);
  const recorded =
    gone.length === 0 && look?.kind === 'found' ? undefined : await recordRevoked(ctx, row, gone, checked);
  if (recorded !== undefined && recorded.kind !== 'committed') return { kind: 'open', row };
  const now = recorded?.row ?? row;
  return look?.kind === 'found' ? takeUp(ctx, now, look.key) : progress(now, upstream);
}

/**
 * Confluent may answer 403 for a deleted key, so the proof does not come twice: another writer must not cost it. The look
 * was for the row as it was.
 */
async function recordRevoked(ctx: Context, row: Stored, gone: readonly string[], checked: boolean): Promise<Committed> {
  const { id } = row.credential;
  const recorded = await commit(ctx, row, TRANSITIONS.recordRevoked, { keyIds: gone, checked }, { id });
  if (recorded.kind !== 'overtaken' || recorded.row === undefined) return recorded;
  const named = namedKeys(recorded.row.credential);
  const keyIds = gone.filter((keyId) => named.includes(keyId));
  if (keyIds.length === 0) return recorded;
  return commitWhileAllowed(ctx, recorded.row, TRANSITIONS.recordRevoked, { keyIds, checked: false });
}

function progress(row: Stored, upstream: UpstreamTrace | undefined): Progress {
  if (row.credential.closed !== undefined) return { kind: 'done', row };
  return upstream === undefined ? { kind: 'open', row } : { kind: 'open', row, upstream };
}

/** A key that has to go, and the version that the row names for it. */
export interface RetiredKey {
  readonly keyId: string;
  readonly attempt: number;
  readonly vendedAt: number;
  readonly secret: SecretReference;
}

function keysOf({ current, previous }: Credential): readonly RetiredKey[] {
  return [
    ...(current === undefined ? [] : [{ ...current, keyId: current.key.id }]),
    ...(previous === undefined ? [] : [previous]),
  ];
}

const UNKNOWN_UPSTREAM: UpstreamTrace = { service: 'arm' };

/** The version first, so that nobody reads a secret whose key is dead. A silent vault does not save the key. */
async function retire(ctx: Context, row: Credential, key: RetiredKey): Promise<'gone' | UpstreamTrace> {
  const { keyId, attempt, vendedAt, secret } = key;
  const first = await disableVersion(ctx, row, secret.version);
  const deleted = await deleteKey(ctx, { id: row.id, target: row.target, keyId, mintedBefore: vendedAt });
  if (deleted.kind !== 'gone') {
    logNotDeleted(ctx, row.id, keyId, deleted);
    return 'upstream' in deleted ? deleted.upstream : UNKNOWN_UPSTREAM;
  }
  const disabled = first.kind === 'disabled' ? first : await disableVersion(ctx, row, secret.version);
  if (disabled.kind === 'disabled') return 'gone';
  await noteGone(ctx, { id: row.id, keyId, attempt });
  return disabled.upstream;
}

const FOUND_KEY = problemOf('revoked', 'The vault named a living key of this credential; it is being deleted.');

async function takeUp(ctx: Context, row: Stored, key: Omit<FoundKey, 'claimId' | 'problem'>): Promise<Progress> {
  const { attempt, nonce } = { attempt: key.attempt.attempt, nonce: key.attempt.nonce };
  const input = { ...key, attempt: { attempt, nonce }, claimId: ctx.ids.writeId(), problem: FOUND_KEY };
  const taken = await commit(ctx, row, TRANSITIONS.takeUpFoundKey, input, { id: row.credential.id });
  if (taken.kind !== 'committed') return { kind: 'open', row };
  const compensated = await compensate(ctx, taken.row);
  // More of them may be left: the next look shows it.
  return { kind: 'open', row: compensated.kind === 'closed' ? compensated.row : taken.row };
}

/** Deletes the key that current replaced, once its date is past. */
export async function endOverlap(ctx: Context, row: Stored): Promise<Progress> {
  const { previous } = row.credential;
  if (previous === undefined) return { kind: 'done', row };
  const retired = await retire(ctx, row.credential, previous);
  if (retired !== 'gone') return { kind: 'open', row, upstream: retired };
  const recorded = await commitWhileAllowed(ctx, row, TRANSITIONS.recordOverlapEnded, { keyId: previous.keyId });
  return recorded.kind === 'committed' ? { kind: 'done', row: recorded.row } : { kind: 'open', row };
}
