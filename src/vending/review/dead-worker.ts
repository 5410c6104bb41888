import { type Credential, isSameAttempt, type Work } from '../model/credential.ts';
import { markerOf, readMarker } from '../model/idempotency.ts';
import { OUT_OF_TIME } from '../model/problems.ts';
import type { UpstreamTrace } from '../model/tracing.ts';
import { keysAreOldFrom, type ToCompensate, TRANSITIONS, type Vended } from '../model/transitions.ts';
import type { Stored } from '../ports/ledger.ts';
import type { VersionMetadata } from '../ports/secret-vault.ts';
import { commit } from '../saga/commit.ts';
import { compensate } from '../saga/compensate.ts';
import type { Context } from '../saga/context.ts';
import { isNamedVersion, unattributedVersions } from '../saga/deletion.ts';
import type { Progress } from '../saga/revocation.ts';
import { isTaggedWith, readTags } from '../secret/naming.ts';

type Decision =
  | { readonly kind: 'vended'; readonly input: Vended }
  | { readonly kind: 'discard'; readonly input: ToCompensate }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'undecided'; readonly upstream?: UpstreamTrace };

/**
 * A worker died, or still sleeps, after its claim. Lease and settling time are over by our clock. By the worker's clock it
 * may still act, until `isOld`. The state of the vault and Confluent decides. A failed look-up never does.
 */
export async function recoverAttempt(ctx: Context, row: Stored): Promise<Progress> {
  const { credential } = row;
  const { id, work } = credential;
  if (work === undefined) return { kind: 'done', row };
  const listed = await ctx.vault.listVersions(credential.vaultUrl, credential.secretName);
  if (listed.kind === 'unavailable') return { kind: 'open', row, upstream: listed.upstream };
  const decision =
    work.phase === 'minted' && work.keyId !== undefined
      ? await decideMinted(ctx, credential, { ...work, keyId: work.keyId }, listed.versions)
      : await decideMinting(ctx, credential, work, listed.versions);
  switch (decision.kind) {
    case 'undecided':
      return { kind: 'open', row, ...(decision.upstream && { upstream: decision.upstream }) };
    case 'unknown': {
      const marker = markerOf(id, work);
      ctx.log({ level: 'error', event: 'outcome-unknown', credentialId: id, attempt: work.attempt, marker });
      return settled(row, await commit(ctx, row, TRANSITIONS.recoverUnknown, { attempt: work }, { id }));
    }
    case 'vended':
      return settled(row, await commit(ctx, row, TRANSITIONS.recoverVended, decision.input, { id }));
    case 'discard': {
      const recorded = await commit(ctx, row, TRANSITIONS.recoverDiscarded, decision.input, { id });
      if (recorded.kind !== 'committed') return { kind: 'open', row };
      const compensated = await compensate(ctx, recorded.row);
      return compensated.kind === 'closed'
        ? { kind: 'done', row: compensated.row }
        : { kind: 'open', row: recorded.row, ...(compensated.upstream && { upstream: compensated.upstream }) };
    }
  }
}

const settled = (row: Stored, result: Awaited<ReturnType<typeof commit>>): Progress =>
  result.kind === 'committed' ? { kind: 'done', row: result.row } : { kind: 'open', row };

/** No key is recorded, so only a version with the attempt's tags can lead to one. Its key must carry the marker. */
async function decideMinting(
  ctx: Context,
  row: Credential,
  work: Work,
  versions: readonly VersionMetadata[],
): Promise<Decision> {
  for (const { id, version, enabled, tags } of versions) {
    // Tags can be copied: what the row names for another key holds no secret of this attempt.
    if (!enabled || isNamedVersion(row, { version }) || !isTaggedWith(tags, row.id, work)) continue;
    const keyId = readTags(tags)?.keyId;
    if (keyId === undefined) continue;
    const looked = await ctx.confluent.getKey(row.target, keyId);
    // A key that is gone has no marker, so nobody can say whose it was: the attempt becomes unknown.
    if (looked.kind === 'absent' && isOld(ctx, work)) continue;
    if (looked.kind !== 'found') return { kind: 'undecided', upstream: looked.upstream };
    if (!carriesMarker(row, work, looked.key.spec.description)) continue;
    const found = { attempt: work, keyId, secret: { id, version } };
    return row.revocation === undefined
      ? { kind: 'vended', input: { ...found, key: looked.key } }
      : { kind: 'discard', input: { ...found, problem: ABANDONED } };
  }
  return { kind: 'unknown' };
}

async function decideMinted(
  ctx: Context,
  row: Credential,
  work: Work & { readonly keyId: string },
  versions: readonly VersionMetadata[],
): Promise<Decision> {
  const { keyId } = work;
  const own = versions.find(
    (each) =>
      each.enabled &&
      !isNamedVersion(row, each) &&
      isTaggedWith(each.tags, row.id, work) &&
      readTags(each.tags)?.keyId === keyId,
  );
  const secret = own && { id: own.id, version: own.version };
  const discard: Decision = { kind: 'discard', input: { attempt: work, keyId, secret, problem: ABANDONED } };
  // The same under a revocation: a secret that lands after its key is gone would outlive the credential.
  if (row.revocation !== undefined) return secret !== undefined || isOld(ctx, work) ? discard : { kind: 'undecided' };
  const looked = await ctx.confluent.getKey(row.target, keyId);
  if (looked.kind === 'absent' && isOld(ctx, work)) return discard;
  if (looked.kind !== 'found') return { kind: 'undecided', upstream: looked.upstream };
  if (secret !== undefined && carriesMarker(row, work, looked.key.spec.description))
    return { kind: 'vended', input: { attempt: work, keyId, key: looked.key, secret } };
  // A worker whose clock is behind ours may be about to store the secret, and readers would get it after its key is gone.
  if (!isOld(ctx, work)) return { kind: 'undecided', upstream: looked.upstream };
  // One of them may hold the secret of this key, and readers may get it: only a person can know.
  return unattributedVersions(row, versions).length > 0 ? { kind: 'undecided' } : discard;
}

/** Confluent would show a key of the attempt by now, if it lives, and by no clock does its worker still act. */
const isOld = ({ clock, timings }: Context, work: Work): boolean => clock.now() >= keysAreOldFrom(work, { timings });

function carriesMarker(row: Credential, work: Work, description: string | undefined): boolean {
  const marker = readMarker(description);
  return marker !== undefined && marker.id === row.id && isSameAttempt(marker, work);
}

const ABANDONED = { ...OUT_OF_TIME, detail: 'The worker on this attempt died; its key is being deleted.' };
