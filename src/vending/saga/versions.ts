import type { AttemptName, Credential } from '../model/credential.ts';
import type { UpstreamTrace } from '../model/upstream.ts';
import type { VersionMetadata } from '../ports/secret-vault.ts';
import { isTaggedWith, readTags } from '../secret/tags.ts';
import type { Context } from './context.ts';

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
 * Disables everything that an attempt stored: the version that the row names, and those with the attempt's tags.
 *
 * Tags can be copied, so the version of current or previous is never disabled by its tags.
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
      each.version === attempt.secret?.version || (isTaggedWith(each.tags, row.id, attempt) && !isNamed(row, each)),
  );
  for (const { version, enabled } of ofAttempt) {
    if (!enabled) continue;
    const disabled = await disableVersion(ctx, row, version);
    if (disabled.kind === 'unavailable') return disabled;
  }
  return { kind: 'disabled', stored: ofAttempt.length > 0 };
}

/** The version of current or previous. */
export const isNamed = ({ current, previous }: Credential, { version }: Pick<VersionMetadata, 'version'>): boolean =>
  version === current?.secret.version || version === previous?.secret.version;

/**
 * Enabled versions of which neither row nor tags say whose they are: set by hand, or with tags that somebody replaced. One
 * of them may hold the secret of the attempt.
 */
export const unsigned = (row: Credential, versions: readonly VersionMetadata[]): readonly VersionMetadata[] =>
  versions.filter((each) => {
    if (!each.enabled || isNamed(row, each) || each.version === row.work?.secret?.version) return false;
    const tags = readTags(each.tags);
    if (tags === undefined || tags.id !== row.id) return true;
    // Tags of the attempt that name another key are not ours.
    return row.work?.keyId !== undefined && isTaggedWith(each.tags, row.id, row.work) && tags.keyId !== row.work.keyId;
  });
