import { type Credential, isSameAttempt, namedKeys, type SecretReference, type Work } from '../model/credential.ts';
import { readMarker } from '../model/idempotency.ts';
import { type Problem, problemOf } from '../model/problems.ts';
import {
  type FoundKey,
  keysAreOld,
  keysAreOldFrom,
  type ToCompensate,
  type TRANSITIONS,
  type Vended,
} from '../model/transitions.ts';
import type { VersionMetadata } from '../ports/secret-vault.ts';
import type { Context } from '../saga/context.ts';
import { isNamedVersion, unattributedVersions } from '../saga/deletion.ts';
import { isTaggedWith, readTags } from '../secret/naming.ts';
import type { Resolution } from './resolution.ts';

/** The outcome of an operator's word on an attempt. */
export type Decided =
  | { readonly kind: 'refused'; readonly problem: Problem }
  /** Its secret is stored: readers may get it. */
  | { readonly kind: 'adopt'; readonly input: Vended }
  | { readonly kind: 'delete'; readonly input: ToCompensate }
  /** "None" had been said, and there is one. */
  | { readonly kind: 'correct'; readonly input: Omit<FoundKey, 'claimId'> }
  | { readonly kind: 'close'; readonly input: Parameters<(typeof TRANSITIONS)['resolveWithoutKey']['becomes']>[1] };

type KeyResolution = Extract<Resolution, { decision: 'key' }>;
type NoneResolution = Extract<Resolution, { decision: 'none' }>;

/** The operator names a key. */
export async function decideKey(ctx: Context, row: Credential, resolution: KeyResolution): Promise<Decided> {
  const { apiKeyId: keyId } = resolution;
  const { work } = row;
  const looked = await ctx.confluent.getKey(row.target, keyId);
  if (looked.kind === 'absent') return decideUnseenKey(ctx, row, resolution);
  if (looked.kind === 'forbidden')
    return resolution.gone === true ? decideUnseenKey(ctx, row, resolution) : refuse(NOT_SHOWN);
  if (looked.kind !== 'found') return refuse(CONFLUENT_UNAVAILABLE);
  const marker = readMarker(looked.key.spec.description);
  if (marker === undefined || marker.id !== row.id) return refuse(NOT_OURS);
  const attempt = { attempt: marker.attempt, nonce: marker.nonce };
  if (work === undefined || !isSameAttempt(work, attempt)) return correct(ctx, row, attempt, resolution);
  const wait = waitFor(ctx, row, work);
  if (wait !== undefined) return refuse(wait);
  const stored = await storedVersion(ctx, row, work, resolution);
  if (stored.kind === 'refused') return stored;
  // Readers may get that version: while its key lives it is not given up, unless the credential is being revoked.
  if (stored.secret !== undefined && row.revocation === undefined)
    return { kind: 'adopt', input: { attempt, keyId, key: looked.key, secret: stored.secret } };
  return { kind: 'delete', input: { attempt, keyId, secret: stored.secret, problem: KEY_FOUND } };
}

/**
 * A key that is gone, or that Confluent does not show us, may be named if row or vault know it. Nothing is deleted that does
 * not show its marker: where Confluent refuses to the end, the operator says "gone" next.
 */
async function decideUnseenKey(ctx: Context, row: Credential, resolution: KeyResolution): Promise<Decided> {
  const { apiKeyId: keyId } = resolution;
  const { work } = row;
  if (work === undefined) return refuse(NO_SUCH_KEY);
  const wait = waitFor(ctx, row, work);
  if (wait !== undefined) return refuse(wait);
  const stored = await storedVersion(ctx, row, work, resolution);
  if (stored.kind === 'refused') return stored;
  if (work.keyId !== keyId && stored.keyId !== keyId) return refuse(NO_SUCH_KEY);
  return { kind: 'delete', input: { attempt: nameOf(work), keyId, secret: stored.secret, problem: KEY_FOUND } };
}

/** The operator found no key. That is not believed while row or vault know one. */
export async function decideNone(ctx: Context, row: Credential, resolution: NoneResolution): Promise<Decided> {
  const { work } = row;
  if (work === undefined || (work.phase !== 'unknown' && work.phase !== 'minting')) return refuse(NOT_OPEN);
  const wait = waitFor(ctx, row, work);
  if (wait !== undefined) return refuse(wait);
  const stored = await storedVersion(ctx, row, work, resolution);
  if (stored.kind === 'refused') return stored;
  const known = work.keyId ?? stored.keyId;
  if (known !== undefined) return refuse(keyIsKnown(known));
  if (stored.secret !== undefined) return refuse(NAME_ITS_KEY);
  return { kind: 'close', input: { attempt: nameOf(work), problem: NONE_FOUND } };
}

const nameOf = ({ attempt, nonce }: Work) => ({ attempt, nonce });

/** An attempt of earlier. Its version must not be what readers get, unless everything is being revoked anyway. */
async function correct(
  ctx: Context,
  row: Credential,
  attempt: FoundKey['attempt'],
  { apiKeyId: keyId, versions: says = {} }: KeyResolution,
): Promise<Decided> {
  if (namedKeys(row).includes(keyId)) return refuse(NAMED_ALREADY);
  if (row.work !== undefined) return refuse(BUSY);
  const listed = await ctx.vault.listVersions(row.vaultUrl, row.secretName);
  if (listed.kind === 'unavailable') return refuse(VAULT_UNAVAILABLE);
  const version = listed.versions.find(
    ({ tags }) => isTaggedWith(tags, row.id, attempt) && readTags(tags)?.keyId === keyId,
  );
  const isRead = version?.enabled === true && listed.versions[0]?.version === version.version;
  const nobodys = unattributedVersions(row, listed.versions);
  const silent = nobodys.filter((each) => says[each.version] === undefined);
  if (silent.length > 0) return refuse(whoseAre(silent));
  const isSaidToBeRead = nobodys.some((each) => says[each.version] === 'attempt');
  if ((isRead || isSaidToBeRead) && row.revocation === undefined) return refuse(READ_BY_CONSUMERS);
  return { kind: 'correct', input: { attempt, keyId, secret: version && referenceTo(version), problem: KEY_FOUND } };
}

const referenceTo = ({ id, version }: VersionMetadata): SecretReference => ({ id, version });

type StoredVersion =
  | { readonly kind: 'seen'; readonly secret?: SecretReference /** As its tags say. */; readonly keyId?: string }
  | { readonly kind: 'refused'; readonly problem: Problem };

/** The enabled version that holds the attempt's secret: by its tags, or by the operator's word where it has none. */
async function storedVersion(
  ctx: Context,
  row: Credential,
  work: Work,
  { versions: says = {}, vaultIsGone }: Pick<KeyResolution, 'versions' | 'vaultIsGone'>,
): Promise<StoredVersion> {
  const listed = await ctx.vault.listVersions(row.vaultUrl, row.secretName);
  // A vault that answers is asked, whatever the operator says of it.
  if (listed.kind === 'unavailable') return vaultIsGone === true ? { kind: 'seen' } : refuse(VAULT_UNAVAILABLE);
  const nobodys = unattributedVersions(row, listed.versions);
  const silent = nobodys.filter(({ version }) => says[version] === undefined);
  if (silent.length > 0) return refuse(whoseAre(silent));
  const named = nobodys.find(({ version }) => says[version] === 'attempt');
  if (named !== undefined) return { kind: 'seen', secret: referenceTo(named) };
  return taggedVersion(ctx, row, work, listed.versions);
}

/** Tags that name a living key without this marker are forged. */
async function taggedVersion(
  { confluent }: Context,
  row: Credential,
  work: Work,
  versions: readonly VersionMetadata[],
): Promise<StoredVersion> {
  for (const version of versions) {
    if (!version.enabled || isNamedVersion(row, version) || !isTaggedWith(version.tags, row.id, work)) continue;
    const keyId = readTags(version.tags)?.keyId;
    if (keyId === undefined) continue;
    const looked = await confluent.getKey(row.target, keyId);
    const marker = looked.kind === 'found' ? readMarker(looked.key.spec.description) : undefined;
    if (looked.kind === 'found' && (marker === undefined || marker.id !== row.id || !isSameAttempt(marker, work)))
      continue;
    return { kind: 'seen', secret: referenceTo(version), keyId };
  }
  return { kind: 'seen' };
}

function waitFor({ clock, timings }: Context, row: Credential, work: Work): Problem | undefined {
  const now = clock.now();
  if (keysAreOld(row, undefined, { now, timings })) return undefined;
  return { ...TOO_EARLY, retryAfterMs: keysAreOldFrom(work, { timings }) - now };
}

const refuse = (problem: Problem) => ({ kind: 'refused' as const, problem });
const notResolvable = (detail: string): Problem => problemOf('not-resolvable', detail);

export const CONFLUENT_UNAVAILABLE = problemOf(
  'upstream-unreachable',
  'Confluent did not say whether the key lives; try again.',
);
const VAULT_UNAVAILABLE = problemOf(
  'vault-unavailable',
  'The vault did not answer, so nothing can be checked; try again.',
);
const NOT_SHOWN = notResolvable(
  'Confluent does not show this key to the service. Give the service its access back, or delete the key yourself and send gone: true.',
);
const NOT_OPEN = notResolvable('No attempt of this credential waits for an operator.');
const TOO_EARLY = notResolvable('The attempt may still be under way; nothing can be decided yet.');
const NO_SUCH_KEY = notResolvable(
  'Confluent has no key with this id, and neither row nor vault knows it. If there is none at all, say "none".',
);
const NOT_OURS = notResolvable('The description of the key does not end in a marker of this credential.');
const NAMED_ALREADY = notResolvable('The credential names this key already.');
const BUSY = notResolvable('Another attempt of this credential is under way; try again when it has ended.');
const READ_BY_CONSUMERS = notResolvable('Consumers read the secret of this key; rotate the credential first.');
const NAME_ITS_KEY = notResolvable('A version holds a secret of the attempt; name its key.');
const keyIsKnown = (keyId: string): Problem =>
  notResolvable(`The key ${keyId} of this attempt is known; name it, even if it is gone.`);
const whoseAre = (versions: readonly VersionMetadata[]): Problem =>
  notResolvable(
    `Say in versions whose these enabled versions are, "attempt" or "other": ${versions.map(({ version }) => version).join(', ')}.`,
  );
const KEY_FOUND = problemOf('outcome-unknown', 'An operator found the key of this attempt; it is being deleted.');
const NONE_FOUND = problemOf('outcome-unknown', 'An operator looked in Confluent and found no key of this attempt.');
