import type { AttemptName, Credential } from '../model/credential.ts';
import { readMarker } from '../model/idempotency.ts';
import type { Target } from '../model/resources.ts';
import { rowOf } from '../model/rows.ts';
import { ABSENCE_PROVES_MS, PROPAGATION_MS } from '../model/timings.ts';
import type { UpstreamTrace } from '../model/tracing.ts';
import type { VersionMetadata } from '../ports/secret-vault.ts';
import { isTaggedWith, readTags } from '../secret/naming.ts';
import type { Context } from './context.ts';

export interface KeyToDelete {
  /** Of the credential. */
  readonly id: string;
  readonly target: Target;
  readonly keyId: string;
  /** The key is not younger than this time. */
  readonly mintedBefore: number;
  /** This worker got the key as the answer to its own POST. */
  readonly isOwn?: boolean;
}

/**
 * - `refused`: Confluent does not delete the key, and shows it alive.
 * - `foreign`: the key has no marker of this credential, so it is not ours to delete.
 */
export type DeletionResult =
  | { readonly kind: 'gone' }
  | { readonly kind: 'refused' | 'unproven'; readonly upstream: UpstreamTrace }
  | { readonly kind: 'foreign' };

/**
 * Deletes a key, and says what is proven. Table rows and tags can be forged, descriptions in Confluent cannot: without our
 * marker there is no DELETE.
 *
 * While the key is young, Confluent may not know it yet everywhere, so a 404 or 204 proves nothing. A 403 never does. Confluent
 * may answer so for every deleted key: then the proof of an earlier deletion has to be in the ledger (`noteGone`).
 */
export async function deleteKey(ctx: Context, key: KeyToDelete): Promise<DeletionResult> {
  const { confluent } = ctx;
  const { target, keyId } = key;
  const unseen = key.isOwn === true ? undefined : await lookBefore(ctx, key);
  if (unseen !== undefined) return unseen;
  const deleted = await confluent.deleteKey(target, keyId);
  switch (deleted.kind) {
    case 'deleted':
      return { kind: 'gone' };
    case 'absent':
      return absent(ctx, key, deleted.upstream);
    case 'unclear':
      return unproven(deleted);
    case 'forbidden':
    case 'refused': {
      const looked = await confluent.getKey(target, keyId);
      if (looked.kind === 'absent') return absent(ctx, key, looked.upstream);
      return looked.kind === 'found' ? { kind: 'refused', upstream: deleted.upstream } : unproven(looked);
    }
  }
}

/** Undefined for a key that is alive and ours. */
async function lookBefore(ctx: Context, key: KeyToDelete): Promise<DeletionResult | undefined> {
  const looked = await ctx.confluent.getKey(key.target, key.keyId);
  switch (looked.kind) {
    case 'found':
      return readMarker(looked.key.spec.description)?.id === key.id ? undefined : { kind: 'foreign' };
    case 'absent':
      return absent(ctx, key, looked.upstream);
    case 'forbidden':
      return (await isNotedAsGone(ctx, key)) ? { kind: 'gone' } : unproven(looked);
    case 'unclear':
      return unproven(looked);
  }
}

function absent({ clock }: Context, { mintedBefore, isOwn }: KeyToDelete, upstream: UpstreamTrace): DeletionResult {
  const age = isOwn === true ? PROPAGATION_MS : ABSENCE_PROVES_MS;
  return clock.now() >= mintedBefore + age ? { kind: 'gone' } : { kind: 'unproven', upstream };
}

/** Keeps the proof where what follows a deletion fails. It does not come twice where Confluent answers 403 for deleted keys. */
export async function noteGone(
  { ledger, clock }: Context,
  { id, keyId, attempt }: Pick<KeyToDelete, 'id' | 'keyId'> & { readonly attempt: number },
): Promise<void> {
  await ledger.commit({ put: [rowOf('key', { apiKeyId: keyId, id, attempt, goneAt: clock.now() })] });
}

async function isNotedAsGone({ ledger }: Context, { id, keyId }: KeyToDelete): Promise<boolean> {
  const read = await ledger.read('key', keyId);
  return read.kind === 'found' && read.value.id === id && read.value.goneAt !== undefined;
}

const unproven = ({ upstream }: { readonly upstream: UpstreamTrace }): DeletionResult => ({
  kind: 'unproven',
  upstream,
});

export function logNotDeleted(ctx: Context, credentialId: string, apiKeyId: string, result: DeletionResult): void {
  switch (result.kind) {
    case 'gone':
      return;
    case 'refused':
      ctx.log({ level: 'error', event: 'deletion-refused', credentialId, apiKeyId, upstream: result.upstream });
      return;
    case 'unproven':
      ctx.log({ level: 'warn', event: 'deletion-unproven', credentialId, apiKeyId, upstream: result.upstream });
      return;
    case 'foreign':
      ctx.log({ level: 'error', event: 'foreign-key', credentialId, apiKeyId });
      return;
  }
}

export type Disabled =
  | {
      readonly kind: 'disabled' /** There was something to disable, or that had been disabled. */;
      readonly stored: boolean;
    }
  | { readonly kind: 'unavailable'; readonly upstream: UpstreamTrace };

/** Disables the version that the row names, whatever its tags say. */
export async function disableVersion(
  { vault }: Context,
  { vaultUrl, secretName }: Credential,
  version: string,
): Promise<Disabled> {
  const disabled = await vault.disableVersion(vaultUrl, secretName, version);
  return disabled.kind === 'disabled' ? { kind: 'disabled', stored: true } : disabled;
}

/**
 * The version that the row names for a key. Undefined where it is that of another key: the row may have the version of an attempt
 * from tags, which can be copied onto the version of current.
 */
export function versionOf({ current, previous, work }: Credential, keyId: string): string | undefined {
  const named = [
    [current?.key.id, current?.secret.version],
    [previous?.keyId, previous?.secret.version],
    [work?.keyId, work?.secret?.version],
  ] as const;
  const version = named.find(([key]) => key === keyId)?.[1];
  return named.find(([, each]) => each === version)?.[0] === keyId ? version : undefined;
}

/**
 * Disables everything that an attempt stored: the version that the row names, and those with the attempt's tags.
 *
 * Tags can be copied, and the row may have its version from tags. So the version of current or previous is never disabled.
 */
export async function disableAttempt(
  ctx: Context,
  row: Credential,
  attempt: AttemptName & { readonly secret?: { readonly version: string } },
): Promise<Disabled> {
  const listed = await ctx.vault.listVersions(row.vaultUrl, row.secretName);
  if (listed.kind === 'unavailable') return listed;
  const ofAttempt = listed.versions.filter(
    (each) =>
      (each.version === attempt.secret?.version || isTaggedWith(each.tags, row.id, attempt)) &&
      !isNamedVersion(row, each),
  );
  for (const { version, enabled } of ofAttempt) {
    if (!enabled) continue;
    const disabled = await disableVersion(ctx, row, version);
    if (disabled.kind === 'unavailable') return disabled;
  }
  return { kind: 'disabled', stored: ofAttempt.length > 0 };
}

/** The version of current or previous. */
export const isNamedVersion = (
  { current, previous }: Credential,
  { version }: Pick<VersionMetadata, 'version'>,
): boolean => version === current?.secret.version || version === previous?.secret.version;

/**
 * Enabled versions of which neither row nor tags say whose they are: set by hand, or with tags that somebody replaced. One
 * of them may hold the secret of the attempt.
 */
export const unattributedVersions = (
  row: Credential,
  versions: readonly VersionMetadata[],
): readonly VersionMetadata[] =>
  versions.filter((each) => {
    if (!each.enabled || isNamedVersion(row, each) || each.version === row.work?.secret?.version) return false;
    const tags = readTags(each.tags);
    if (tags === undefined || tags.id !== row.id) return true;
    // Tags of the attempt that name another key are not ours.
    return row.work?.keyId !== undefined && isTaggedWith(each.tags, row.id, row.work) && tags.keyId !== row.work.keyId;
  });
